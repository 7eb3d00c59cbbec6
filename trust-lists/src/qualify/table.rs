//! The tables of TS 119 615 clauses 4.4.4 and 4.5.4: what a certificate's statements and a list's qualifiers
//! (TS 119 612 clause 5.5.9.2.3) make together.

use super::claims::Claims;
use super::{Answer, Purpose};

/// The names of the qualifiers whose criteria a certificate meets.
#[derive(Clone, Debug, Default)]
pub(super) struct Said(pub(super) Vec<String>);

/// An answer and, where it is not yes, the reason.
pub(super) type Cell = (Answer, Option<String>);

fn yes() -> Cell {
    (Answer::Yes, None)
}

fn no(reason: impl Into<String>) -> Cell {
    (Answer::No, Some(reason.into()))
}

fn unknown(reason: impl Into<String>) -> Cell {
    (Answer::Indeterminate, Some(reason.into()))
}

const NO_STATEMENT: &str = "it does not state to be a qualified certificate";
const EXCLUDED: &str = "the list says that certificates of its kind are not qualified";
const SEVERAL: &str = "it states to be qualified for several things";

impl Said {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|q| q == name)
    }

    fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|n| self.has(n))
    }

    /// Tables 1, 2 and 3 (PRO-4.4.4-12 to 15, 20 to 23, 28 to 31): whether it is qualified for one purpose
    /// under Regulation (EU) No 910/2014.
    pub(super) fn by_regulation(&self, claims: &Claims, purpose: Purpose) -> Cell {
        let (own, others): (&str, &[&str]) = match purpose {
            Purpose::Signature => ("QCForESig", &["QCForESeal", "QCForWSA", "QCForLegalPerson"]),
            Purpose::Seal => ("QCForESeal", &["QCForESig", "QCForWSA"]),
            Purpose::Website => ("QCForWSA", &["QCForESig", "QCForESeal"]),
        };
        if let Some(contradiction) = self.contradiction() {
            return contradiction;
        }
        if self.any(others) {
            return unknown(format!(
                "the service is listed for {purpose}, and the list says that the certificate is for something else"
            ));
        }
        if self.has("NotQualified") {
            return no(EXCLUDED);
        }
        if self.has(own) {
            let stated = claims.compliance || self.has("QCStatement");
            return if stated { yes() } else { no(NO_STATEMENT) };
        }
        if !claims.compliance && !self.has("QCStatement") {
            return no(NO_STATEMENT);
        }
        let for_another = || no(format!("it does not state to be qualified for {purpose}"));
        match &claims.types {
            // What was issued before there was QcType is for signatures.
            None if claims.compliance && purpose == Purpose::Signature => yes(),
            None if claims.compliance => for_another(),
            None => unknown("it does not state for what it is qualified"),
            Some(types) if !types.contains(&Some(purpose)) => for_another(),
            Some(types) if types.iter().all(|t| *t == Some(purpose)) => yes(),
            Some(_) => unknown(SEVERAL),
        }
    }

    /// Table 5 (PRO-4.4.4-33): whether it is qualified, for signatures, under Directive 1999/93/EC.
    pub(super) fn by_directive(&self, claims: &Claims) -> Cell {
        if let Some(contradiction) = self.contradiction() {
            return contradiction;
        }
        if self.any(&["QCForESeal", "QCForWSA"]) {
            return unknown(
                "the list says that it is for something that there was not before 2016-07-01",
            );
        }
        if self.has("NotQualified") {
            return no(EXCLUDED);
        }
        if self.has("QCStatement") || claims.compliance || claims.policy {
            return yes();
        }
        no(NO_STATEMENT)
    }

    fn contradiction(&self) -> Option<Cell> {
        let both = self.has("NotQualified") && self.has("QCStatement");
        both.then(|| unknown("the list says of it both that it is qualified and that it is not"))
    }

    /// Table 6 (PRO-4.5.4-03): whether its key was in a secure signature creation device before 2016-07-01.
    pub(super) fn device_by_directive(&self, claims: &Claims) -> Cell {
        let said = ["QCWithSSCD", "QCNoSSCD", "QCSSCDStatusAsInCert"].map(|q| self.has(q));
        match said {
            [true, true, _] | [true, _, true] | [_, true, true] => contradicts(),
            [true, ..] => yes(),
            [_, true, _] => (Answer::No, None),
            _ if claims.device || claims.policy_with_device => yes(),
            _ => (Answer::No, None),
        }
    }

    /// Table 7 (PRO-4.5.4-04): whether its key is in a qualified device since.
    pub(super) fn device_by_regulation(&self, claims: &Claims) -> Cell {
        let with = self.has("QCWithQSCD");
        let without = self.has("QCNoQSCD");
        let managed = self.has("QCQSCDManagedOnBehalf");
        // The words of the Directive count where those of the Regulation stand beside them.
        let old = self.has("QCWithSSCD") && !with || self.has("QCNoSSCD") && !without;
        let own = self.has("QCQSCDStatusAsInCert");
        if old || without && (with || managed) || own && (with || without || managed) {
            return contradicts();
        }
        if with || managed || (claims.device && !without) {
            yes()
        } else {
            (Answer::No, None)
        }
    }
}

fn contradicts() -> Cell {
    unknown("what the list says of the device of its key contradicts itself")
}
