//! Everything the status page says, in both languages. A field for each, so that none can be missing in
//! one of them.

use ca_core::RevocationReason;
use pki_asn1::UnixTime;
use pki_asn1::time::{MONTHS_ENGLISH, MONTHS_FRENCH};

use crate::record::source::{CrlKind, CrlName, CrlScope};

/// A language of the page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Language {
    English,
    French,
}

impl Language {
    /// The language with this tag (RFC 5646), by its primary subtag.
    pub(super) fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or(tag);
        [Self::English, Self::French]
            .into_iter()
            .find(|l| l.words().tag.eq_ignore_ascii_case(primary))
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::French => &FRENCH,
        }
    }
}

/// What the page says in one language.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) tag: &'static str,
    pub(super) service: &'static str,
    pub(super) skip: &'static str,
    pub(super) languages: &'static str,
    pub(super) informative: &'static str,

    pub(super) overview: &'static str,
    pub(super) lead: &'static str,
    pub(super) all_current: &'static str,
    pub(super) some_soon: &'static str,
    pub(super) some_bad: &'static str,

    pub(super) check: &'static str,
    pub(super) by_file: &'static str,
    pub(super) file_label: &'static str,
    pub(super) file_hint: &'static str,
    pub(super) by_serial: &'static str,
    pub(super) authority_label: &'static str,
    pub(super) serial_label: &'static str,
    pub(super) serial_hint: &'static str,
    pub(super) notation: &'static str,
    pub(super) hexadecimal: &'static str,
    pub(super) decimal: &'static str,
    pub(super) submit: &'static str,

    pub(super) record: &'static str,
    pub(super) record_read: &'static str,
    pub(super) record_stale: &'static str,
    pub(super) ocsp_address: &'static str,

    pub(super) authorities: &'static str,
    pub(super) no_authorities: &'static str,
    pub(super) subject: &'static str,
    pub(super) issuer: &'static str,
    pub(super) valid_from: &'static str,
    pub(super) valid_until: &'static str,
    pub(super) fingerprint: &'static str,
    pub(super) downloads: &'static str,
    pub(super) certificate: &'static str,
    pub(super) certificates: &'static str,
    pub(super) chain: &'static str,
    pub(super) issued: &'static str,
    pub(super) responder: &'static str,
    pub(super) not_configured: &'static str,
    pub(super) other_key: &'static str,
    pub(super) crls_of: &'static str,
    pub(super) crl: &'static str,
    pub(super) number: &'static str,
    pub(super) this_update: &'static str,
    pub(super) next_update: &'static str,
    pub(super) entries: &'static str,
    pub(super) state: &'static str,
    pub(super) no_crl: &'static str,
    pub(super) no_end: &'static str,
    pub(super) unknown: &'static str,
    pub(super) oldest: &'static str,

    pub(super) current: &'static str,
    pub(super) soon: &'static str,
    pub(super) expired: &'static str,
    pub(super) valid: &'static str,
    pub(super) valid_not_long: &'static str,
    pub(super) not_valid: &'static str,
    pub(super) last: &'static str,
    pub(super) ended: &'static str,

    pub(super) result: &'static str,
    pub(super) result_facts: &'static str,
    pub(super) authority: &'static str,
    pub(super) serial: &'static str,
    pub(super) answered_at: &'static str,
    pub(super) since: &'static str,
    pub(super) reason: &'static str,
    pub(super) invalid_since: &'static str,
    pub(super) permanent_link: &'static str,
    pub(super) another: &'static str,

    pub(super) good: &'static str,
    pub(super) good_means: &'static str,
    pub(super) revoked: &'static str,
    pub(super) revoked_means: &'static str,
    pub(super) on_hold: &'static str,
    pub(super) on_hold_means: &'static str,
    pub(super) never_issued: &'static str,
    pub(super) never_issued_means: &'static str,
    pub(super) not_ours: &'static str,
    pub(super) not_ours_means: &'static str,
    pub(super) forged: &'static str,
    pub(super) forged_means: &'static str,
    pub(super) cannot_tell: &'static str,
    pub(super) cannot_tell_means: &'static str,
    pub(super) is_expired: &'static str,
    pub(super) is_not_yet_valid: &'static str,
    pub(super) several: &'static str,

    pub(super) mistake: &'static str,
    pub(super) serial_missing: &'static str,
    pub(super) serial_not_hexadecimal: &'static str,
    pub(super) serial_not_decimal: &'static str,
    pub(super) serial_too_long: &'static str,
    pub(super) unknown_authority: &'static str,
    pub(super) file_missing: &'static str,
    pub(super) file_no_certificate: &'static str,
    pub(super) form_unreadable: &'static str,

    months: [&'static str; 12],
    partition: &'static str,
    partitions: &'static str,
    complete: &'static str,
    delta: &'static str,
    seconds_ago: fn(i64) -> String,
    reasons: fn(RevocationReason) -> &'static str,
}

impl Words {
    /// Date and time in words, in UTC.
    pub(super) fn time(&self, at: UnixTime) -> String {
        let t = at.to_date_time();
        let month = self
            .months
            .get(usize::from(t.month()).saturating_sub(1))
            .copied()
            .unwrap_or_default();
        format!(
            "{} {month} {}, {:02}:{:02}:{:02} UTC",
            t.day(),
            t.year(),
            t.hour(),
            t.minutes(),
            t.seconds()
        )
    }

    /// How long ago.
    pub(super) fn ago(&self, seconds: i64) -> String {
        (self.seconds_ago)(seconds)
    }

    /// CRLReason (RFC 5280 section 5.3.1) in words.
    pub(super) fn reason(&self, reason: RevocationReason) -> &'static str {
        (self.reasons)(reason)
    }

    /// Which of an authority's CRLs.
    pub(super) fn crl_name(&self, name: CrlName) -> String {
        let kind = self.crl_kind(name.kind);
        match name.scope {
            CrlScope::All => kind.to_owned(),
            CrlScope::Partition(n) => format!("{} {n}, {kind}", self.partition),
        }
    }

    /// The CRLs of this kind of so many partitions.
    pub(super) fn crl_names(&self, kind: CrlKind, partitions: usize) -> String {
        format!("{partitions} {}, {}", self.partitions, self.crl_kind(kind))
    }

    fn crl_kind(&self, kind: CrlKind) -> &'static str {
        match kind {
            CrlKind::Complete => self.complete,
            CrlKind::Delta => self.delta,
        }
    }
}

const ENGLISH: Words = Words {
    tag: "en",
    service: "Certificate status",
    skip: "Skip to the content",
    languages: "Language",
    informative: "This page is for people. What relying parties go by are the signed OCSP responses and revocation lists, which come from the same record.",

    overview: "Status of certificates",
    lead: "Find out whether a certificate is good, and see how fresh the information is that this service publishes.",
    all_current: "All information is up to date.",
    some_soon: "Some information is about to end and should be renewed.",
    some_bad: "Some information is out of date.",

    check: "Check a certificate",
    by_file: "With the certificate",
    file_label: "Certificate file",
    file_hint: "PEM or DER, up to 60 kB. The file is not kept.",
    by_serial: "With its serial number",
    authority_label: "Issued by",
    serial_label: "Serial number",
    serial_hint: "Colons and spaces do not matter.",
    notation: "The number is",
    hexadecimal: "hexadecimal",
    decimal: "decimal",
    submit: "Check",

    record: "Information served",
    record_read: "Record last read",
    record_stale: "The record is out of reach: no status can be told now.",
    ocsp_address: "OCSP address",

    authorities: "Certification authorities",
    no_authorities: "There is no certification authority yet.",
    subject: "Subject",
    issuer: "Issuer",
    valid_from: "Valid from",
    valid_until: "Valid until",
    fingerprint: "SHA-256 fingerprint",
    downloads: "Downloads",
    certificate: "certificate",
    certificates: "all its certificates",
    chain: "chain",
    issued: "certified authorities",
    responder: "OCSP responder",
    not_configured: "none here",
    other_key: "has another key's certificate",
    crls_of: "Revocation lists of",
    crl: "List",
    number: "Number",
    this_update: "Issued",
    next_update: "Next by",
    entries: "Entries",
    state: "State",
    no_crl: "No revocation list has been published yet.",
    no_end: "none: this is the last one",
    unknown: "not known",
    oldest: "the one that ends first",

    current: "up to date",
    soon: "ends soon",
    expired: "expired",
    valid: "valid",
    valid_not_long: "ends soon",
    not_valid: "not valid now",
    last: "final",
    ended: "ended",

    result: "Result",
    result_facts: "Details",
    authority: "Authority",
    serial: "Serial number",
    answered_at: "Status as of",
    since: "Since",
    reason: "Reason",
    invalid_since: "Not to be trusted since",
    permanent_link: "Permanent link to this question",
    another: "Check another certificate",

    good: "Good",
    good_means: "This certificate was issued and is not revoked.",
    revoked: "Revoked",
    revoked_means: "This certificate is revoked for good. Do not rely on it.",
    on_hold: "On hold",
    on_hold_means: "This certificate is suspended. Do not rely on it as long as it is.",
    never_issued: "Never issued",
    never_issued_means: "The authority has not issued a certificate with this serial number.",
    not_ours: "Not ours",
    not_ours_means: "This certificate was not issued by an authority of this service.",
    forged: "Not ours, but it says so",
    forged_means: "This certificate names one of our authorities as its issuer, but the authority's key did not sign it. Do not rely on it.",
    cannot_tell: "Cannot tell now",
    cannot_tell_means: "The record cannot be read at this moment. Please try again in a few minutes.",
    is_expired: "Its validity has ended: it is no longer to be used.",
    is_not_yet_valid: "Its validity has not begun yet.",
    several: "The file holds several certificates. This is about the first.",

    mistake: "The question cannot be answered",
    serial_missing: "Please enter a serial number.",
    serial_not_hexadecimal: "The serial number is not hexadecimal: it may have the digits 0 to 9 and the letters A to F.",
    serial_not_decimal: "The serial number is not decimal: it may have the digits 0 to 9.",
    serial_too_long: "The serial number is too long: it has at most 20 octets, which are 40 hexadecimal digits.",
    unknown_authority: "There is no authority of this name here.",
    file_missing: "Please choose a certificate file.",
    file_no_certificate: "The file holds no certificate in PEM or DER.",
    form_unreadable: "The form did not arrive as it should.",

    months: MONTHS_ENGLISH,
    partition: "partition",
    partitions: "partitions",
    complete: "complete",
    delta: "delta",
    seconds_ago: |seconds| match seconds {
        ..1 => "less than a second ago".into(),
        1 => "1 second ago".into(),
        2..120 => format!("{seconds} seconds ago"),
        _ => format!("{} minutes ago", seconds / 60),
    },
    reasons: |reason| match reason {
        RevocationReason::Unspecified => "not stated",
        RevocationReason::KeyCompromise => "the key is or may be in the wrong hands",
        RevocationReason::CaCompromise => "the authority's key is or may be in the wrong hands",
        RevocationReason::AffiliationChanged => "the holder's name or affiliation has changed",
        RevocationReason::Superseded => "replaced by another certificate",
        RevocationReason::CessationOfOperation => "no longer needed",
        RevocationReason::CertificateHold => "suspended",
        RevocationReason::PrivilegeWithdrawn => "a privilege stated in it was withdrawn",
        RevocationReason::AaCompromise => {
            "the attribute authority's key is or may be in the wrong hands"
        }
    },
};

const FRENCH: Words = Words {
    tag: "fr",
    service: "État des certificats",
    skip: "Aller au contenu",
    languages: "Langue",
    informative: "Cette page s’adresse aux personnes. Font foi les réponses OCSP et les listes de révocation signées, issues du même registre.",

    overview: "État des certificats",
    lead: "Vérifiez si un certificat est en règle et voyez la fraîcheur des informations que ce service publie.",
    all_current: "Toutes les informations sont à jour.",
    some_soon: "Certaines informations arrivent à échéance et doivent être renouvelées.",
    some_bad: "Certaines informations sont périmées.",

    check: "Vérifier un certificat",
    by_file: "Avec le certificat",
    file_label: "Fichier du certificat",
    file_hint: "PEM ou DER, 60 ko au plus. Le fichier n’est pas conservé.",
    by_serial: "Avec son numéro de série",
    authority_label: "Émis par",
    serial_label: "Numéro de série",
    serial_hint: "Les deux-points et les espaces sont sans importance.",
    notation: "Le numéro est",
    hexadecimal: "hexadécimal",
    decimal: "décimal",
    submit: "Vérifier",

    record: "Informations servies",
    record_read: "Dernière lecture du registre",
    record_stale: "Le registre est hors d’atteinte : aucun état ne peut être donné maintenant.",
    ocsp_address: "Adresse OCSP",

    authorities: "Autorités de certification",
    no_authorities: "Il n’y a pas encore d’autorité de certification.",
    subject: "Sujet",
    issuer: "Émetteur",
    valid_from: "Valide du",
    valid_until: "Valide jusqu’au",
    fingerprint: "Empreinte SHA-256",
    downloads: "Téléchargements",
    certificate: "certificat",
    certificates: "tous ses certificats",
    chain: "chaîne",
    issued: "autorités certifiées",
    responder: "Répondeur OCSP",
    not_configured: "aucun ici",
    other_key: "a le certificat d’une autre clé",
    crls_of: "Listes de révocation de",
    crl: "Liste",
    number: "Numéro",
    this_update: "Émise le",
    next_update: "Suivante avant le",
    entries: "Entrées",
    state: "État",
    no_crl: "Aucune liste de révocation n’est encore publiée.",
    no_end: "aucune : c’est la dernière",
    unknown: "non connu",
    oldest: "celle qui prend fin la première",

    current: "à jour",
    soon: "bientôt échue",
    expired: "expirée",
    valid: "valide",
    valid_not_long: "bientôt échu",
    not_valid: "non valide à présent",
    last: "définitive",
    ended: "terminée",

    result: "Résultat",
    result_facts: "Détails",
    authority: "Autorité",
    serial: "Numéro de série",
    answered_at: "État au",
    since: "Depuis le",
    reason: "Motif",
    invalid_since: "Indigne de confiance depuis le",
    permanent_link: "Lien permanent vers cette question",
    another: "Vérifier un autre certificat",

    good: "En règle",
    good_means: "Ce certificat a été émis et n’est pas révoqué.",
    revoked: "Révoqué",
    revoked_means: "Ce certificat est révoqué définitivement. Ne vous y fiez pas.",
    on_hold: "Suspendu",
    on_hold_means: "Ce certificat est suspendu. Ne vous y fiez pas tant qu’il l’est.",
    never_issued: "Jamais émis",
    never_issued_means: "L’autorité n’a pas émis de certificat portant ce numéro de série.",
    not_ours: "Pas des nôtres",
    not_ours_means: "Ce certificat n’a pas été émis par une autorité de ce service.",
    forged: "Pas des nôtres, bien qu’il le prétende",
    forged_means: "Ce certificat nomme comme émetteur l’une de nos autorités, dont la clé ne l’a pourtant pas signé. Ne vous y fiez pas.",
    cannot_tell: "Impossible à dire maintenant",
    cannot_tell_means: "Le registre ne peut pas être lu en ce moment. Veuillez réessayer dans quelques minutes.",
    is_expired: "Sa validité a pris fin : il ne doit plus être utilisé.",
    is_not_yet_valid: "Sa validité n’a pas encore commencé.",
    several: "Le fichier contient plusieurs certificats. Il s’agit ici du premier.",

    mistake: "Impossible de répondre à la question",
    serial_missing: "Veuillez saisir un numéro de série.",
    serial_not_hexadecimal: "Le numéro de série n’est pas hexadécimal : il peut avoir les chiffres 0 à 9 et les lettres A à F.",
    serial_not_decimal: "Le numéro de série n’est pas décimal : il peut avoir les chiffres 0 à 9.",
    serial_too_long: "Le numéro de série est trop long : il a 20 octets au plus, soit 40 chiffres hexadécimaux.",
    unknown_authority: "Il n’y a pas ici d’autorité de ce nom.",
    file_missing: "Veuillez choisir un fichier de certificat.",
    file_no_certificate: "Le fichier ne contient pas de certificat en PEM ou DER.",
    form_unreadable: "Le formulaire n’est pas arrivé comme il faut.",

    months: MONTHS_FRENCH,
    partition: "partition",
    partitions: "partitions",
    complete: "complète",
    delta: "delta",
    seconds_ago: |seconds| match seconds {
        ..1 => "il y a moins d’une seconde".into(),
        1 => "il y a 1 seconde".into(),
        2..120 => format!("il y a {seconds} secondes"),
        _ => format!("il y a {} minutes", seconds / 60),
    },
    reasons: |reason| match reason {
        RevocationReason::Unspecified => "non précisé",
        RevocationReason::KeyCompromise => "la clé est ou pourrait être en de mauvaises mains",
        RevocationReason::CaCompromise => {
            "la clé de l’autorité est ou pourrait être en de mauvaises mains"
        }
        RevocationReason::AffiliationChanged => "le nom ou le rattachement du titulaire a changé",
        RevocationReason::Superseded => "remplacé par un autre certificat",
        RevocationReason::CessationOfOperation => "n’est plus nécessaire",
        RevocationReason::CertificateHold => "suspendu",
        RevocationReason::PrivilegeWithdrawn => "un droit qui y est indiqué a été retiré",
        RevocationReason::AaCompromise => {
            "la clé de l’autorité d’attributs est ou pourrait être en de mauvaises mains"
        }
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regional_tag_finds_its_language_and_a_foreign_one_none() {
        assert_eq!(Language::from_tag("fr-MC"), Some(Language::French));
        assert_eq!(Language::from_tag("EN"), Some(Language::English));
        assert_eq!(Language::from_tag("frr"), None);
        assert_eq!(Language::from_tag(""), None);
    }

    #[test]
    fn times_are_told_in_words_and_in_utc() {
        let at: UnixTime = "2026-08-01T05:06:07Z".parse().unwrap();
        assert_eq!(ENGLISH.time(at), "1 August 2026, 05:06:07 UTC");
        assert_eq!(FRENCH.time(at), "1 août 2026, 05:06:07 UTC");
    }
}
