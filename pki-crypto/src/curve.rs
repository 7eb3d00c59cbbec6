//! Elliptic curves that are verified on and never signed with: their names and domain parameters (X9.62,
//! SEC 2, RFC 5639 section 3). All have cofactor 1, and an order of as many bits as the field.

use core::fmt;

use pki_asn1::oid::{self, ObjectIdentifier};

/// A curve `y² = x³ + ax + b` over a prime field that only foreign keys are on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Curve {
    /// NIST P-192 (secp192r1).
    P192,
    /// NIST P-224 (secp224r1).
    P224,
    /// secp256k1 (SEC 2).
    Secp256k1,
    /// brainpoolP160r1 (RFC 5639).
    BrainpoolP160R1,
    /// brainpoolP160t1 (RFC 5639).
    BrainpoolP160T1,
    /// brainpoolP192r1 (RFC 5639).
    BrainpoolP192R1,
    /// brainpoolP192t1 (RFC 5639).
    BrainpoolP192T1,
    /// brainpoolP224r1 (RFC 5639).
    BrainpoolP224R1,
    /// brainpoolP224t1 (RFC 5639).
    BrainpoolP224T1,
    /// brainpoolP256t1 (RFC 5639).
    BrainpoolP256T1,
    /// brainpoolP320r1 (RFC 5639).
    BrainpoolP320R1,
    /// brainpoolP320t1 (RFC 5639).
    BrainpoolP320T1,
    /// brainpoolP384t1 (RFC 5639).
    BrainpoolP384T1,
    /// brainpoolP512r1 (RFC 5639).
    BrainpoolP512R1,
    /// brainpoolP512t1 (RFC 5639).
    BrainpoolP512T1,
}

/// Domain parameters in hexadecimal, each as long as the field.
pub(crate) struct Domain {
    /// The prime of the field.
    pub(crate) p: &'static str,
    pub(crate) a: &'static str,
    pub(crate) b: &'static str,
    /// The base point.
    pub(crate) x: &'static str,
    pub(crate) y: &'static str,
    /// The order of the base point, a prime.
    pub(crate) n: &'static str,
}

impl Curve {
    /// All of them, for tables.
    pub const ALL: [Self; 15] = [
        Self::P192,
        Self::P224,
        Self::Secp256k1,
        Self::BrainpoolP160R1,
        Self::BrainpoolP160T1,
        Self::BrainpoolP192R1,
        Self::BrainpoolP192T1,
        Self::BrainpoolP224R1,
        Self::BrainpoolP224T1,
        Self::BrainpoolP256T1,
        Self::BrainpoolP320R1,
        Self::BrainpoolP320T1,
        Self::BrainpoolP384T1,
        Self::BrainpoolP512R1,
        Self::BrainpoolP512T1,
    ];

    /// Its OID.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P192 => oid::SECP192R1,
            Self::P224 => oid::SECP224R1,
            Self::Secp256k1 => oid::SECP256K1,
            Self::BrainpoolP160R1 => oid::BRAINPOOL_P160R1,
            Self::BrainpoolP160T1 => oid::BRAINPOOL_P160T1,
            Self::BrainpoolP192R1 => oid::BRAINPOOL_P192R1,
            Self::BrainpoolP192T1 => oid::BRAINPOOL_P192T1,
            Self::BrainpoolP224R1 => oid::BRAINPOOL_P224R1,
            Self::BrainpoolP224T1 => oid::BRAINPOOL_P224T1,
            Self::BrainpoolP256T1 => oid::BRAINPOOL_P256T1,
            Self::BrainpoolP320R1 => oid::BRAINPOOL_P320R1,
            Self::BrainpoolP320T1 => oid::BRAINPOOL_P320T1,
            Self::BrainpoolP384T1 => oid::BRAINPOOL_P384T1,
            Self::BrainpoolP512R1 => oid::BRAINPOOL_P512R1,
            Self::BrainpoolP512T1 => oid::BRAINPOOL_P512T1,
        }
    }

    /// The curve with this OID.
    #[must_use]
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.oid() == *oid)
    }

    /// Octets of an element of its field, and of its order.
    #[must_use]
    pub const fn field_len(self) -> usize {
        match self {
            Self::BrainpoolP160R1 | Self::BrainpoolP160T1 => 20,
            Self::P192 | Self::BrainpoolP192R1 | Self::BrainpoolP192T1 => 24,
            Self::P224 | Self::BrainpoolP224R1 | Self::BrainpoolP224T1 => 28,
            Self::Secp256k1 | Self::BrainpoolP256T1 => 32,
            Self::BrainpoolP320R1 | Self::BrainpoolP320T1 => 40,
            Self::BrainpoolP384T1 => 48,
            Self::BrainpoolP512R1 | Self::BrainpoolP512T1 => 64,
        }
    }

    pub(crate) const fn domain(self) -> Domain {
        match self {
            Self::P192 => Domain {
                p: "fffffffffffffffffffffffffffffffeffffffffffffffff",
                a: "fffffffffffffffffffffffffffffffefffffffffffffffc",
                b: "64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1",
                x: "188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012",
                y: "07192b95ffc8da78631011ed6b24cdd573f977a11e794811",
                n: "ffffffffffffffffffffffff99def836146bc9b1b4d22831",
            },
            Self::P224 => Domain {
                p: "ffffffffffffffffffffffffffffffff000000000000000000000001",
                a: "fffffffffffffffffffffffffffffffefffffffffffffffffffffffe",
                b: "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
                x: "b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21",
                y: "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34",
                n: "ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d",
            },
            Self::Secp256k1 => Domain {
                p: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
                a: "0000000000000000000000000000000000000000000000000000000000000000",
                b: "0000000000000000000000000000000000000000000000000000000000000007",
                x: "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
                y: "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
                n: "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
            },
            Self::BrainpoolP160R1 => Domain {
                p: "e95e4a5f737059dc60dfc7ad95b3d8139515620f",
                a: "340e7be2a280eb74e2be61bada745d97e8f7c300",
                b: "1e589a8595423412134faa2dbdec95c8d8675e58",
                x: "bed5af16ea3f6a4f62938c4631eb5af7bdbcdbc3",
                y: "1667cb477a1a8ec338f94741669c976316da6321",
                n: "e95e4a5f737059dc60df5991d45029409e60fc09",
            },
            Self::BrainpoolP160T1 => Domain {
                p: "e95e4a5f737059dc60dfc7ad95b3d8139515620f",
                a: "e95e4a5f737059dc60dfc7ad95b3d8139515620c",
                b: "7a556b6dae535b7b51ed2c4d7daa7a0b5c55f380",
                x: "b199b13b9b34efc1397e64baeb05acc265ff2378",
                y: "add6718b7c7c1961f0991b842443772152c9e0ad",
                n: "e95e4a5f737059dc60df5991d45029409e60fc09",
            },
            Self::BrainpoolP192R1 => Domain {
                p: "c302f41d932a36cda7a3463093d18db78fce476de1a86297",
                a: "6a91174076b1e0e19c39c031fe8685c1cae040e5c69a28ef",
                b: "469a28ef7c28cca3dc721d044f4496bcca7ef4146fbf25c9",
                x: "c0a0647eaab6a48753b033c56cb0f0900a2f5c4853375fd6",
                y: "14b690866abd5bb88b5f4828c1490002e6773fa2fa299b8f",
                n: "c302f41d932a36cda7a3462f9e9e916b5be8f1029ac4acc1",
            },
            Self::BrainpoolP192T1 => Domain {
                p: "c302f41d932a36cda7a3463093d18db78fce476de1a86297",
                a: "c302f41d932a36cda7a3463093d18db78fce476de1a86294",
                b: "13d56ffaec78681e68f9deb43b35bec2fb68542e27897b79",
                x: "3ae9e58c82f63c30282e1fe7bbf43fa72c446af6f4618129",
                y: "097e2c5667c2223a902ab5ca449d0084b7e5b3de7ccc01c9",
                n: "c302f41d932a36cda7a3462f9e9e916b5be8f1029ac4acc1",
            },
            Self::BrainpoolP224R1 => Domain {
                p: "d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0ff",
                a: "68a5e62ca9ce6c1c299803a6c1530b514e182ad8b0042a59cad29f43",
                b: "2580f63ccfe44138870713b1a92369e33e2135d266dbb372386c400b",
                x: "0d9029ad2c7e5cf4340823b2a87dc68c9e4ce3174c1e6efdee12c07d",
                y: "58aa56f772c0726f24c6b89e4ecdac24354b9e99caa3f6d3761402cd",
                n: "d7c134aa264366862a18302575d0fb98d116bc4b6ddebca3a5a7939f",
            },
            Self::BrainpoolP224T1 => Domain {
                p: "d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0ff",
                a: "d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0fc",
                b: "4b337d934104cd7bef271bf60ced1ed20da14c08b3bb64f18a60888d",
                x: "6ab1e344ce25ff3896424e7ffe14762ecb49f8928ac0c76029b4d580",
                y: "0374e9f5143e568cd23f3f4d7c0d4b1e41c8cc0d1c6abd5f1a46db4c",
                n: "d7c134aa264366862a18302575d0fb98d116bc4b6ddebca3a5a7939f",
            },
            Self::BrainpoolP256T1 => Domain {
                p: "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
                a: "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5374",
                b: "662c61c430d84ea4fe66a7733d0b76b7bf93ebc4af2f49256ae58101fee92b04",
                x: "a3e8eb3cc1cfe7b7732213b23a656149afa142c47aafbc2b79a191562e1305f4",
                y: "2d996c823439c56d7f7b22e14644417e69bcb6de39d027001dabe8f35b25c9be",
                n: "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
            },
            Self::BrainpoolP320R1 => Domain {
                p: concat!(
                    "d35e472036bc4fb7e13c785ed201e065f98fcfa6f6f40def4f92b9ec7893ec28",
                    "fcd412b1f1b32e27"
                ),
                a: concat!(
                    "3ee30b568fbab0f883ccebd46d3f3bb8a2a73513f5eb79da66190eb085ffa9f4",
                    "92f375a97d860eb4"
                ),
                b: concat!(
                    "520883949dfdbc42d3ad198640688a6fe13f41349554b49acc31dccd88453981",
                    "6f5eb4ac8fb1f1a6"
                ),
                x: concat!(
                    "43bd7e9afb53d8b85289bcc48ee5bfe6f20137d10a087eb6e7871e2a10a599c7",
                    "10af8d0d39e20611"
                ),
                y: concat!(
                    "14fdd05545ec1cc8ab4093247f77275e0743ffed117182eaa9c77877aaac6ac7",
                    "d35245d1692e8ee1"
                ),
                n: concat!(
                    "d35e472036bc4fb7e13c785ed201e065f98fcfa5b68f12a32d482ec7ee8658e9",
                    "8691555b44c59311"
                ),
            },
            Self::BrainpoolP320T1 => Domain {
                p: concat!(
                    "d35e472036bc4fb7e13c785ed201e065f98fcfa6f6f40def4f92b9ec7893ec28",
                    "fcd412b1f1b32e27"
                ),
                a: concat!(
                    "d35e472036bc4fb7e13c785ed201e065f98fcfa6f6f40def4f92b9ec7893ec28",
                    "fcd412b1f1b32e24"
                ),
                b: concat!(
                    "a7f561e038eb1ed560b3d147db782013064c19f27ed27c6780aaf77fb8a547ce",
                    "b5b4fef422340353"
                ),
                x: concat!(
                    "925be9fb01afc6fb4d3e7d4990010f813408ab106c4f09cb7ee07868cc136fff",
                    "3357f624a21bed52"
                ),
                y: concat!(
                    "63ba3a7a27483ebf6671dbef7abb30ebee084e58a0b077ad42a5a0989d1ee71b",
                    "1b9bc0455fb0d2c3"
                ),
                n: concat!(
                    "d35e472036bc4fb7e13c785ed201e065f98fcfa5b68f12a32d482ec7ee8658e9",
                    "8691555b44c59311"
                ),
            },
            Self::BrainpoolP384T1 => Domain {
                p: concat!(
                    "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123",
                    "acd3a729901d1a71874700133107ec53"
                ),
                a: concat!(
                    "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123",
                    "acd3a729901d1a71874700133107ec50"
                ),
                b: concat!(
                    "7f519eada7bda81bd826dba647910f8c4b9346ed8ccdc64e4b1abd11756dce1d",
                    "2074aa263b88805ced70355a33b471ee"
                ),
                x: concat!(
                    "18de98b02db9a306f2afcd7235f72a819b80ab12ebd653172476fecd462aabff",
                    "c4ff191b946a5f54d8d0aa2f418808cc"
                ),
                y: concat!(
                    "25ab056962d30651a114afd2755ad336747f93475b7a1fca3b88f2b6a208ccfe",
                    "469408584dc2b2912675bf5b9e582928"
                ),
                n: concat!(
                    "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7",
                    "cf3ab6af6b7fc3103b883202e9046565"
                ),
            },
            Self::BrainpoolP512R1 => Domain {
                p: concat!(
                    "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330871",
                    "7d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3"
                ),
                a: concat!(
                    "7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc",
                    "2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca"
                ),
                b: concat!(
                    "3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a7",
                    "2bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723"
                ),
                x: concat!(
                    "81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098e",
                    "ff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822"
                ),
                y: concat!(
                    "7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111",
                    "b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892"
                ),
                n: concat!(
                    "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870",
                    "553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069"
                ),
            },
            Self::BrainpoolP512T1 => Domain {
                p: concat!(
                    "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330871",
                    "7d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3"
                ),
                a: concat!(
                    "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330871",
                    "7d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f0"
                ),
                b: concat!(
                    "7cbbbcf9441cfab76e1890e46884eae321f70c0bcb4981527897504bec3e36a6",
                    "2bcdfa2304976540f6450085f2dae145c22553b465763689180ea2571867423e"
                ),
                x: concat!(
                    "640ece5c12788717b9c1ba06cbc2a6feba85842458c56dde9db1758d39c0313d",
                    "82ba51735cdb3ea499aa77a7d6943a64f7a3f25fe26f06b51baa2696fa9035da"
                ),
                y: concat!(
                    "5b534bd595f5af0fa2c892376c84ace1bb4e3019b71634c01131159cae03cee9",
                    "d9932184beef216bd71df2dadf86a627306ecff96dbb8bace198b61e00f8b332"
                ),
                n: concat!(
                    "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870",
                    "553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069"
                ),
            },
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P192 => "P-192",
            Self::P224 => "P-224",
            Self::Secp256k1 => "secp256k1",
            Self::BrainpoolP160R1 => "brainpoolP160r1",
            Self::BrainpoolP160T1 => "brainpoolP160t1",
            Self::BrainpoolP192R1 => "brainpoolP192r1",
            Self::BrainpoolP192T1 => "brainpoolP192t1",
            Self::BrainpoolP224R1 => "brainpoolP224r1",
            Self::BrainpoolP224T1 => "brainpoolP224t1",
            Self::BrainpoolP256T1 => "brainpoolP256t1",
            Self::BrainpoolP320R1 => "brainpoolP320r1",
            Self::BrainpoolP320T1 => "brainpoolP320t1",
            Self::BrainpoolP384T1 => "brainpoolP384t1",
            Self::BrainpoolP512R1 => "brainpoolP512r1",
            Self::BrainpoolP512T1 => "brainpoolP512t1",
        })
    }
}
