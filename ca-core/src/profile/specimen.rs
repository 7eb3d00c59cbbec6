//! A subject that fits a profile, for a specimen certificate: what a profile makes can be looked at
//! before anybody is certified under it.

use pki_asn1::oid::{self, ObjectIdentifier};

use super::{Profile, SubjectType};
use crate::names::SubjectDn;

impl Profile {
    /// A subject of `country` with every mandatory attribute, and a name for a person.
    #[must_use]
    pub fn specimen_subject(&self, country: &str) -> SubjectDn {
        let mut attributes = self.mandatory_attributes().to_vec();
        let named = [oid::AT_GIVEN_NAME, oid::AT_SURNAME, oid::AT_PSEUDONYM];
        if self.subject_type().is_natural() && !named.iter().any(|n| attributes.contains(n)) {
            let listed = named
                .iter()
                .find(|n| self.optional_attributes().contains(n));
            attributes.extend(listed);
        }
        let values = attributes
            .into_iter()
            .map(|attribute| (attribute, self.specimen_value(&attribute, country)));
        SubjectDn::from_attributes(values.collect())
    }

    fn specimen_value(&self, attribute: &ObjectIdentifier, country: &str) -> String {
        let constraint = self.constraint(attribute);
        if let Some(value) = constraint.and_then(|c| c.value.clone()) {
            return value;
        }
        let natural = self.subject_type().is_natural() && *attribute == oid::AT_SERIAL_NUMBER;
        let legal = *attribute == oid::AT_ORGANIZATION_IDENTIFIER;
        let value = match *attribute {
            oid::AT_COUNTRY => country.to_owned(),
            _ if natural || legal => {
                let first = |list: Option<&Vec<String>>, otherwise: &str| {
                    let first = list.and_then(|list| list.first());
                    first.map_or(otherwise, String::as_str).to_owned()
                };
                let scheme = if natural { "PNO" } else { "NTR" };
                let scheme = first(constraint.map(|c| &c.schemes), scheme);
                let of = first(constraint.map(|c| &c.countries), country);
                match scheme.as_str() {
                    // ISO 17442's own example of right check digits.
                    "LEI" => "LEIXG-5493001KJTIIGC8Y1R12".into(),
                    scheme => format!("{scheme}{of}-00000000"),
                }
            }
            oid::AT_GIVEN_NAME => "Specimen".into(),
            oid::AT_SURNAME => "Person".into(),
            oid::AT_ORGANIZATION => "Specimen Organisation".into(),
            oid::AT_SERIAL_NUMBER => "1".into(),
            oid::AT_COMMON_NAME if self.subject_type() == SubjectType::LegalPerson => {
                "Specimen Seal".into()
            }
            _ => "Specimen".into(),
        };
        let limit = constraint.and_then(|c| c.maximum_length);
        value.chars().take(limit.unwrap_or(256) as usize).collect()
    }
}
