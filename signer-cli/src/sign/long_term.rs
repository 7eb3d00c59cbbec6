//! Levels B-LT and B-LTA: the signature and what keeps it verifiable, in one output.

use std::io::Write;

use ades::evidence::Collector;
use ades::extend::{ExtendOptions, Services, Target};
use ades::pades::{PadesOptions, Vri, sign_pdf_long_term};
use ades::validate::ValidationPolicy;
use cli_support::{Exit, Failure};
use pdf_file::{OpenOptions, PdfFile};
use pki_asn1::SystemClock;

use super::args::{Args, Level};
use super::document::{Job, Parts};
use crate::evidence_files::EvidenceFiles;
use crate::extend;
use crate::network::{Access, Network};

/// What a long-term signature needs besides the key.
pub(super) struct LongTerm {
    pub(super) options: ExtendOptions,
    pub(super) collector: Collector,
    pub(super) evidence: EvidenceFiles,
}

impl LongTerm {
    /// `None` where the level asks for nothing of the kind.
    pub(super) fn of(args: &Args, network: &Network<'_>) -> Result<Option<Self>, Failure> {
        let given = &args.long_term;
        let to = match args.level {
            Some(Level::BLt) => Target::BLt,
            Some(Level::BLta) => Target::BLta,
            _ if given.is_given() => {
                return Err(Failure::message(
                    Exit::Usage,
                    "--trust, --crl, --trusted-list and --vri are for levels b-lt and b-lta",
                )
                .with_hint("leave them out, or give --level b-lta"));
            }
            _ => return Ok(None),
        };
        let mut options = ExtendOptions::new(to);
        if given.vri {
            options.vri = Vri::Write;
        }
        Ok(Some(Self {
            options,
            collector: network.collector(Access::Online),
            evidence: EvidenceFiles::read(&given.trust, &[], &given.crl)?
                .with_lists(given.trusted_lists.read_now(network, Access::Online)?),
        }))
    }
}

impl Job {
    /// Signs at the level asked for.
    pub(super) fn sign_pdf_long_term(
        &self,
        long: &LongTerm,
        pdf: &PdfFile,
        reopen: &OpenOptions,
        out: &mut dyn Write,
        options: &PadesOptions,
    ) -> Result<Parts, Failure> {
        let policy = ValidationPolicy::default();
        let services = Services {
            collector: &long.collector,
            time_stamper: self.time_stamper.as_deref(),
            policy: &policy,
            clock: &SystemClock,
        };
        let known = long.evidence.material();
        let made = sign_pdf_long_term(
            pdf,
            reopen,
            out,
            &self.signer,
            options,
            known,
            &services,
            &long.options,
        )
        .map_err(extend::failure)?;
        Ok(Parts {
            format: "PAdES",
            packaging: "enveloped",
            field: Some(made.signature.field),
            digest: made.signature.digest.to_hex(),
            time_stamp: made.signature.time_stamp,
            level: Some(long.options.to.level().as_str()),
            archive: made.archive.map(|stamp| stamp.token),
            files: None,
        })
    }
}
