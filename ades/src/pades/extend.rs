//! Raising the signatures of a PDF (EN 319 142-1 clause 6): document time-stamps and the document
//! security store, each in a revision of its own. No byte of the input changes, so a signature gets
//! its time-stamp from the document, never as an attribute of its own.
//!
//! From B-B, three revisions are added: a time-stamp that fixes the time, validation data for the
//! signatures and for that time-stamp, and the archive time-stamp over all. A renewal adds the
//! validation data of the last archive time-stamp and a new one over it.

mod assess;

use std::io::Write;

use pdf_file::{OpenOptions, PdfFile};

use super::doc_time_stamp::{self, DocumentTimeStamp, imprint};
use super::dss::{self, Added, Related, Values, Vri};
use super::form::Form;
use super::growing::Growing;
use super::permissions;
use crate::evidence::{Material, ValidationData};
use crate::extend::{
    Asked, ExtendError, ExtendOptions, ExtendedSignature, Others, Services, Target,
};
use crate::tsp::Token;
use crate::validate::Message;
use assess::{Assessment, Stamped};

/// What was done to a PDF.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExtendedPdf {
    /// Each signature and document time-stamp that was there.
    pub signatures: Vec<ExtendedSignature>,
    /// The document time-stamps that were added, in order.
    pub time_stamps: Vec<DocumentTimeStamp>,
    /// What the document security store did not hold before.
    pub added: Added,
    /// How many revisions were added; none where nothing was to be done.
    pub revisions: usize,
    /// What should be known.
    pub warnings: Vec<Message>,
    /// Octets of the document now.
    pub len: u64,
}

/// Raises the signatures of `pdf` and writes the document: the input's bytes and what was added.
/// `reopen` are the options that `pdf` was opened with, `known` whom to trust and what is at hand.
///
/// `out` may have received bytes when an error is returned; the caller discards them.
///
/// # Errors
/// See [`ExtendError`]. What cannot be raised is refused before a byte is written.
pub fn extend_pdf(
    pdf: &PdfFile,
    reopen: &OpenOptions,
    out: &mut dyn Write,
    known: Material,
    services: &Services<'_>,
    options: &ExtendOptions,
) -> Result<ExtendedPdf, ExtendError> {
    permissions::check_encryption(pdf)?;
    let mut assessment = Assessment::of(pdf, known, services, options.to);
    if assessment.facts.signatures.is_empty() {
        return Err(ExtendError::NoSignature);
    }
    let refused = assessment.refused();
    let raisable = assessment.raisable().count();
    if !refused.is_empty() && (options.others == Others::Refuse || raisable == 0) {
        return Err(ExtendError::Refused(refused));
    }
    let needs_time = assessment.raisable().any(|i| !assessment.is_stamped(i));
    let needs_archive =
        options.to == Target::BLta && (needs_time || assessment.archive_is_due(options));
    if (needs_time || needs_archive) && services.time_stamper.is_none() {
        return Err(ExtendError::NoAuthority { to: options.to });
    }
    let mut work = Work {
        document: Growing::copy(pdf.source(), out, &[imprint(services.time_stamper)])?,
        reopen,
        services,
        options,
        time_stamps: Vec::new(),
        added: Added::default(),
        revisions: 0,
    };
    if needs_time {
        let revision = pdf.revisions().len();
        let stamp = work.time_stamp()?;
        assessment.stamped.push(Stamped::new(revision, &stamp));
    }
    if needs_archive {
        assessment.archive_unit = Some(work.archive_unit()?);
    }
    // Below an archive time-stamp that holds, nothing is missing.
    if options.to == Target::BLt || needs_archive {
        work.validation_data(pdf, &mut assessment)?;
    }
    if needs_archive {
        work.time_stamp()?;
    }
    Ok(ExtendedPdf {
        signatures: assessment.results(options.to),
        time_stamps: work.time_stamps,
        added: work.added,
        revisions: work.revisions,
        warnings: assessment.warnings,
        len: work.document.len(),
    })
}

/// The document being extended.
pub(super) struct Work<'w, 'o> {
    pub(super) document: Growing<'o>,
    pub(super) reopen: &'w OpenOptions,
    pub(super) services: &'w Services<'w>,
    pub(super) options: &'w ExtendOptions,
    pub(super) time_stamps: Vec<DocumentTimeStamp>,
    pub(super) added: Added,
    pub(super) revisions: usize,
}

impl Work<'_, '_> {
    /// Adds a document time-stamp.
    pub(super) fn time_stamp(&mut self) -> Result<DocumentTimeStamp, ExtendError> {
        let authority = self.services.time_stamper;
        let authority = authority.ok_or(ExtendError::NoAuthority {
            to: self.options.to,
        })?;
        let stamp = doc_time_stamp::add(&mut self.document, self.reopen, authority)?;
        self.time_stamps.push(stamp.clone());
        self.revisions += 1;
        Ok(stamp)
    }

    /// Who will make the archive time-stamp. Its validation data goes under that time-stamp, so that
    /// the document is complete from the beginning; an authority that gave no token yet is asked for
    /// one that serves for nothing else.
    fn archive_unit(&self) -> Result<Token, ExtendError> {
        let authority = self.services.time_stamper;
        let authority = authority.ok_or(ExtendError::NoAuthority {
            to: self.options.to,
        })?;
        match authority.last() {
            Some(token) => Ok(token),
            None => Ok(authority.time_stamp(&authority.digest_algorithm().digest(b""))?),
        }
    }

    /// Collects what is missing and adds it to the document security store.
    fn validation_data(
        &mut self,
        pdf: &PdfFile,
        assessment: &mut Assessment,
    ) -> Result<(), ExtendError> {
        let pool = &mut assessment.facts.material.pool;
        let made = self.time_stamps.iter().map(|stamp| &stamp.token);
        for token in made.chain(&assessment.archive_unit) {
            pool.extend(token.certificates());
        }
        let mut asked = Asked::new(self.services.collector);
        let mut sets = Vec::new();
        for (field, subjects) in assessment.subjects() {
            let mut set = ValidationData::default();
            for subject in subjects {
                set.extend(asked.collect(subject, &mut assessment.facts.material)?);
            }
            sets.push((field, set));
        }
        let contents = match self.options.vri {
            Vri::Write => contents(pdf)?,
            Vri::Omit => Vec::new(),
        };
        self.store(&sets, &contents)
    }

    /// Adds validation data, of which each set belongs to the signature in the field named, if any.
    /// `contents` are the fields with the octets of their signatures, where they are to be listed.
    pub(super) fn store(
        &mut self,
        sets: &[(Option<String>, ValidationData)],
        contents: &[(String, Vec<u8>)],
    ) -> Result<(), ExtendError> {
        let mut all = ValidationData::default();
        for (_, data) in sets {
            all.extend(data.clone());
        }
        let encoded: Vec<Vec<Vec<u8>>> = sets
            .iter()
            .map(|(_, data)| data.ocsp_responses())
            .collect::<Result<_, _>>()?;
        let whole = all.ocsp_responses()?;
        let mut related = Vec::new();
        for ((field, data), ocsp) in sets.iter().zip(&encoded) {
            let of_field = contents
                .iter()
                .find(|(name, _)| Some(name) == field.as_ref());
            if let Some((_, contents)) = of_field {
                related.push(Related {
                    contents,
                    values: values(data, ocsp),
                });
            }
        }
        let now = self.services.clock.now();
        let pdf = self.document.reopen(self.reopen)?;
        if let Some((update, added)) = dss::update(&pdf, &values(&all, &whole), &related, now)? {
            self.document.append(update.bytes())?;
            self.added = added;
            self.revisions += 1;
        }
        Ok(())
    }
}

fn values<'d>(data: &'d ValidationData, ocsp: &'d [Vec<u8>]) -> Values<'d> {
    Values {
        certificates: data.certificates.iter().map(|c| c.der()).collect(),
        ocsp: ocsp.iter().map(Vec::as_slice).collect(),
        crls: data.crls.iter().map(|c| c.der()).collect(),
    }
}

/// The signed fields with the octets of `/Contents`.
pub(super) fn contents(pdf: &PdfFile) -> Result<Vec<(String, Vec<u8>)>, ExtendError> {
    let form = Form::read(pdf)?;
    Ok(form
        .signed()
        .filter_map(|(field, signature)| {
            let contents = signature.string("Contents")?;
            Some((field.name.clone(), contents.bytes.clone()))
        })
        .collect())
}
