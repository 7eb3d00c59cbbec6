//! Visible signatures: what the command line asks for, and what the certificate says.

use std::path::Path;
use std::sync::Arc;

use ades::pades::{Appearance, Canvas, Draw, DrawError, PadesOptions, Place};
use cli_support::{Exit, Failure, input};
use pdf_file::Fragment;
use pdf_seal::{
    Fields, LocalTime, Seal, SealError, Signatory, Template, TemplateError, Transparency,
};
use pki_asn1::{Certificate, UnixTime, name, oid};

use super::args::visible::VisibleArgs;

/// As `pdf_seal` has it.
const MAX_IMAGE: u64 = 16 << 20;
/// Fonts of a whole script have some ten megabytes.
const MAX_FONT: u64 = 32 << 20;

/// The visible signature that was asked for, for any number of documents.
#[derive(Debug)]
pub(super) struct Visible {
    place: Place,
    /// With a person's usual text, or the one that was given.
    seal: Seal,
    text: Text,
    offset_minutes: i32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Text {
    Given,
    Usual,
}

impl Visible {
    /// Reads image and fonts; `None` where the signature is not to be seen.
    pub(super) fn of(args: &VisibleArgs) -> Result<Option<Self>, Failure> {
        let Some(place) = args.visible else {
            return Ok(None);
        };
        let language = args.language.map(Into::into).unwrap_or_default();
        let mut seal = Seal::new(language);
        let mut text = Text::Given;
        seal.text = match args.text.as_deref() {
            Some("") => None,
            Some(text) => Some(template("--text", text)?),
            None => {
                text = Text::Usual;
                Some(Template::usual(language, Signatory::Person))
            }
        };
        if let Some(content) = &args.qr {
            seal.qr = Some(template("--qr", content)?);
        }
        let style = &mut seal.style;
        style.accent = args.colour.unwrap_or(style.accent);
        style.background = args.background;
        style.border = args.border.map(Into::into).unwrap_or_default();
        style.direction = args.text_direction.map(Into::into).unwrap_or_default();
        style.image_place = args.image_place.map(Into::into).unwrap_or_default();
        style.font_size = args.font_size.unwrap_or(style.font_size);
        if let Some(path) = &args.image {
            let file = input::read(path, "the image", MAX_IMAGE)?;
            seal.set_image(file).map_err(|e| of_file(e, path))?;
        }
        if let Some(path) = &args.font {
            let file = input::read(path, "the font", MAX_FONT)?;
            seal.fonts
                .add(&path.display().to_string(), file)
                .map_err(seal_failure)?;
        }
        if let Some(path) = &args.font_bold {
            let file = input::read(path, "the font", MAX_FONT)?;
            seal.fonts
                .add_bold(&path.display().to_string(), file)
                .map_err(seal_failure)?;
        }
        Ok(Some(Self {
            place,
            seal,
            text,
            offset_minutes: args.time_zone.unwrap_or(0),
        }))
    }

    /// The usual text depends on who signs.
    pub(super) fn for_signer(mut self, certificate: &Certificate) -> Arc<Self> {
        if self.text == Text::Usual {
            let usual = Template::usual(self.seal.language, signatory(certificate));
            self.seal.text = Some(usual);
        }
        Arc::new(self)
    }

    /// The appearance of one signature.
    pub(super) fn appearance(
        self: &Arc<Self>,
        certificate: &Certificate,
        options: &PadesOptions,
    ) -> Appearance {
        Appearance {
            place: self.place,
            draw: Arc::new(Drawing {
                visible: Arc::clone(self),
                fields: self.fields(certificate, options),
            }),
        }
    }

    /// What it looks like, as PNG.
    pub(super) fn png(
        &self,
        certificate: &Certificate,
        options: &PadesOptions,
        canvas: &Canvas,
    ) -> Result<Vec<u8>, Failure> {
        let fields = self.fields(certificate, options);
        self.seal
            .png(&fields, canvas.width, canvas.height)
            .map_err(seal_failure)
    }

    fn fields(&self, certificate: &Certificate, options: &PadesOptions) -> Fields {
        let subject = |attribute| name::attribute(certificate.subject(), attribute);
        let full_name = match (subject(&oid::AT_GIVEN_NAME), subject(&oid::AT_SURNAME)) {
            (Some(given), Some(surname)) => Some(format!("{given} {surname}")),
            (given, surname) => given.or(surname),
        };
        let common = subject(&oid::AT_COMMON_NAME);
        let organisation = subject(&oid::AT_ORGANIZATION);
        let issuer = |attribute| name::attribute(certificate.issuer(), attribute);
        Fields {
            organisation: match signatory(certificate) {
                Signatory::Organisation => organisation.clone().or(common.clone()),
                Signatory::Person => organisation.clone(),
            },
            name: common.or(full_name).or(organisation),
            organization_identifier: subject(&oid::AT_ORGANIZATION_IDENTIFIER),
            serial: Some(certificate.serial_hex()),
            issuer: issuer(&oid::AT_COMMON_NAME).or_else(|| issuer(&oid::AT_ORGANIZATION)),
            time: self.time(options.signing_time),
            reason: options.reason.clone(),
            location: options.location.clone(),
            contact: options.contact.clone(),
        }
    }

    fn time(&self, time: UnixTime) -> LocalTime {
        LocalTime {
            unix_seconds: time.as_secs(),
            offset_minutes: self.offset_minutes,
        }
    }
}

/// Draws with what is known of one signature.
#[derive(Debug)]
struct Drawing {
    visible: Arc<Visible>,
    fields: Fields,
}

impl Draw for Drawing {
    fn draw(&self, canvas: &Canvas) -> Result<Fragment, DrawError> {
        let transparency = if canvas.is_pdf_a_1 {
            Transparency::Forbidden
        } else {
            Transparency::Permitted
        };
        self.visible
            .seal
            .form(&self.fields, canvas.width, canvas.height, transparency)
            .map_err(|error| DrawError {
                hint: error.hint(),
                cause: error.into(),
            })
    }
}

/// A seal's certificate names an organisation by its identifier (EN 319 412-3 clause 4.2.1), and no
/// natural person.
fn signatory(certificate: &Certificate) -> Signatory {
    let has = |attribute| name::attribute(certificate.subject(), attribute).is_some();
    let person = has(&oid::AT_GIVEN_NAME) || has(&oid::AT_SURNAME) || has(&oid::AT_PSEUDONYM);
    if has(&oid::AT_ORGANIZATION_IDENTIFIER) && !person {
        Signatory::Organisation
    } else {
        Signatory::Person
    }
}

fn template(option: &str, text: &str) -> Result<Template, Failure> {
    Template::parse(text).map_err(|error: TemplateError| {
        let hint = error.hint();
        Failure::new(Exit::Usage, error)
            .with_context(format_args!("{option} cannot be used"))
            .with_hint(hint)
    })
}

fn of_file(error: SealError, path: &Path) -> Failure {
    seal_failure(error).with_context(format_args!("cannot use {}", path.display()))
}

fn seal_failure(error: SealError) -> Failure {
    let hint = error.hint();
    let failure = Failure::new(Exit::Data, error);
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}
