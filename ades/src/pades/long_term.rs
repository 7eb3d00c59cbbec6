//! Signing at levels B-LT and B-LTA in one go (EN 319 142-1 clause 6): a revision each for the
//! signature with its time-stamp, for the validation data of both, and for the archive time-stamp.

use std::io::Write;

use pdf_file::{OpenOptions, PdfFile};

use super::doc_time_stamp::{DocumentTimeStamp, imprint};
use super::dss::{Added, Vri};
use super::extend::{Work, contents};
use super::growing::Growing;
use super::{Draft, PadesOptions, PadesSignature};
use crate::cms::build::CmsSigner;
use crate::evidence::{Material, Role, Subject};
use crate::extend::{ExtendError, ExtendOptions, Services, Target};

/// A document that was signed for long.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LongTermPdf {
    /// The signature; its `len` is that of the whole document.
    pub signature: PadesSignature,
    /// What the document security store did not hold before.
    pub added: Added,
    /// The archive time-stamp, at level B-LTA.
    pub archive: Option<DocumentTimeStamp>,
}

/// Signs `pdf` at [`ExtendOptions::to`] and writes the document. `reopen` are the options that `pdf`
/// was opened with, `known` whom to trust and what is at hand.
///
/// That the signer's certificate can be proven is found out before the key is asked for anything.
/// `out` may have received bytes when an error is returned; the caller discards them.
///
/// # Errors
/// See [`ExtendError`].
#[allow(clippy::too_many_arguments, reason = "each is another party's")]
pub fn sign_pdf_long_term(
    pdf: &PdfFile,
    reopen: &OpenOptions,
    out: &mut dyn Write,
    signer: &CmsSigner,
    options: &PadesOptions,
    mut known: Material,
    services: &Services<'_>,
    level: &ExtendOptions,
) -> Result<LongTermPdf, ExtendError> {
    let authority = services
        .time_stamper
        .ok_or(ExtendError::NoAuthority { to: level.to })?;
    known.pool.extend(signer.chain().iter().cloned());
    let signs = |at| Subject {
        certificate: signer.certificate().clone(),
        at,
        role: Role::Signer,
    };
    let collector = services.collector;
    if level.to > Target::BT {
        collector.collect(&[signs(services.clock.now())], &mut known)?;
    }
    let draft = Draft::new(pdf, signer, options, Some(authority))?;
    let algorithms = [signer.digest_algorithm(), imprint(Some(authority))];
    let mut work = Work {
        document: Growing::copy(pdf.source(), out, &algorithms)?,
        reopen,
        services,
        options: level,
        time_stamps: Vec::new(),
        added: Added::default(),
        revisions: 0,
    };
    let mut signature = draft.sign(&mut work.document, signer, Some(authority))?;
    if let (Some(token), true) = (&signature.time_stamp, level.to > Target::BT) {
        known.pool.extend(token.certificates());
        let stamps = Subject {
            certificate: token.certificate().clone(),
            at: token.time(),
            role: Role::TimeStampingUnit,
        };
        let data = collector.collect(&[signs(token.time()), stamps], &mut known)?;
        let contents = match level.vri {
            Vri::Write => contents(&work.document.reopen(reopen)?)?,
            Vri::Omit => Vec::new(),
        };
        work.store(&[(Some(signature.field.clone()), data)], &contents)?;
    }
    let archive = match level.to {
        Target::BLta => Some(work.time_stamp()?),
        _ => None,
    };
    signature.len = work.document.len();
    Ok(LongTermPdf {
        signature,
        added: work.added,
        archive,
    })
}
