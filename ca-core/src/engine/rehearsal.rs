//! A rehearsal: a specimen certificate of a profile, issued through the whole cycle by a CA whose keys
//! and record live as long as the call. What the profile makes is linted before anybody relies on it.

use std::path::Path;
use std::sync::Arc;

use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pki_asn1::Clock;

use super::{
    Actors, CaEngine, IssueRequest, Issued, NewAuthority, QscdEvidence, SubjectKey, Validity,
};
use crate::error::CaError;
use crate::names::SubjectDn;
use crate::profile::{DevicePolicy, KeyCurve, Legislations, Profile, SubjectType};
use crate::settings::{Legislation, Settings};

impl CaEngine {
    /// Issues a specimen of `profile` with throw-away keys. `folder` is empty, is the caller's, and is
    /// to be removed afterwards; nothing of the specimen's CA outlives it.
    ///
    /// # Errors
    /// Whatever would keep a certificate of the profile from being issued, the linter's findings above
    /// all.
    pub fn rehearse(
        folder: &Path,
        profile: &Profile,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Issued, CaError> {
        let country = settings.country();
        let mut engine = Self::create(&folder.join("specimen.sqlite"), settings, clock)?;
        let kind = profile.subject_type();
        let subject = profile.specimen_subject(country.as_str());
        if kind == SubjectType::RootCa {
            engine.profiles.rehearse(profile);
            let (_, issued) = engine.specimen_authority("root", profile.name(), subject, None)?;
            return Ok(issued);
        }
        // The authorities above are of the built-in profiles, whatever the specimen's name.
        let above = |name: &str| -> Result<SubjectDn, CaError> {
            let text = format!("C={country},O=Specimen Trust,CN=Specimen {name}");
            Ok(text.parse::<SubjectDn>()?)
        };
        let (root, _) = engine.specimen_authority("root", "root-ca", above("Root")?, None)?;
        let root = engine.unlock("root", root)?;
        if kind == SubjectType::IssuingCa {
            engine.profiles.rehearse(profile);
            let (_, issued) =
                engine.specimen_authority("issuing", profile.name(), subject, Some(&root))?;
            return Ok(issued);
        }
        let (issuing, _) =
            engine.specimen_authority("issuing", "issuing-ca", above("CA")?, Some(&root))?;
        let issuing = engine.unlock("issuing", issuing)?;
        engine.profiles.rehearse(profile);
        let order = IssueRequest {
            profile: profile.name().to_owned(),
            subject,
            key: SubjectKey::Held(specimen_key(profile)?.public_key().clone()),
            qscd: match profile.config().statements.device {
                DevicePolicy::Required => QscdEvidence::Attested("specimen".into()),
                DevicePolicy::Optional | DevicePolicy::Excluded => QscdEvidence::None,
            },
            legislation: specimen_law(profile, engine.settings()),
            validity: Validity::ProfileDefault,
            actors: Actors::default(),
        };
        engine.issue(&issuing, &order)
    }

    fn specimen_authority(
        &self,
        name: &str,
        profile: &str,
        subject: SubjectDn,
        issuer: Option<&crate::AuthorityKey>,
    ) -> Result<(Arc<dyn Signer>, Issued), CaError> {
        let key: Arc<dyn Signer> = Arc::new(specimen_key(self.profile(profile)?)?);
        let order = NewAuthority {
            name: name.into(),
            profile: profile.into(),
            subject,
            key_location: "none".into(),
            validity: Validity::ProfileDefault,
            actors: Actors::default(),
        };
        let issued = self.create_authority(&order, key.clone(), issuer)?;
        Ok((key, issued))
    }
}

/// The quickest key the profile takes.
fn specimen_key(profile: &Profile) -> Result<SoftwareKey, CaError> {
    let accepted = &profile.config().key;
    let curve = accepted.curves.iter().find_map(|curve| match curve {
        KeyCurve::P256 => Some(KeySpec::P256),
        KeyCurve::P384 => Some(KeySpec::P384),
        KeyCurve::Ed25519 => Some(KeySpec::ED25519),
        KeyCurve::P521 => None,
    });
    let rsa = match accepted.minimum_rsa_bits {
        Some(bits) if bits <= 3_072 => Some(KeySpec::RSA3072),
        Some(bits) if bits <= 4_096 => Some(KeySpec::RSA4096),
        _ => None,
    };
    let spec = curve.or(rsa).ok_or(CaError::NoSpecimenKey)?;
    SoftwareKey::generate(spec).map_err(|e| CaError::Random(e.to_string()))
}

/// The installation's law, or another one that the profile lists.
fn specimen_law(profile: &Profile, settings: &Settings) -> Option<Legislation> {
    match profile.legislations() {
        Legislations::These(laws) if !laws.contains(settings.legislation()) => {
            laws.first().cloned()
        }
        _ => None,
    }
}
