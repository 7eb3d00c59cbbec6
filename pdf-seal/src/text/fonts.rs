//! Fonts: those given, the built-in ones, and, only for characters that these lack, the system's.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustybuzz::ttf_parser;

use crate::SealError;

/// Regular or bold.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// A font file's face.
pub(crate) struct Face {
    data: Arc<dyn AsRef<[u8]> + Send + Sync>,
    index: u32,
    krilla: OnceLock<Option<krilla::text::Font>>,
}

impl Face {
    fn new(data: Arc<dyn AsRef<[u8]> + Send + Sync>, index: u32) -> Option<Arc<Self>> {
        let face = Self {
            data,
            index,
            krilla: OnceLock::new(),
        };
        face.shaper()?;
        Some(Arc::new(face))
    }

    pub(crate) fn shaper(&self) -> Option<rustybuzz::Face<'_>> {
        rustybuzz::Face::from_slice((*self.data).as_ref(), self.index)
    }

    /// The same for the PDF writer; `None` where it cannot read the font.
    pub(crate) fn krilla(&self) -> Option<krilla::text::Font> {
        let load = || krilla::text::Font::new(Arc::clone(&self.data).into(), self.index);
        self.krilla.get_or_init(load).clone()
    }

    fn has(&self, c: char) -> bool {
        ttf_parser::Face::parse((*self.data).as_ref(), self.index)
            .is_ok_and(|face| face.glyph_index(c).is_some())
    }
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Face")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

/// The fonts of a seal, in the order in which they are asked for a character.
#[derive(Debug, Default)]
pub struct Fonts {
    given: Vec<Arc<Face>>,
    given_bold: Vec<Arc<Face>>,
    system: OnceLock<System>,
    /// What was found for a character.
    found: Mutex<Found>,
}

type Found = HashMap<(char, Weight), Option<Arc<Face>>>;

impl Fonts {
    /// The built-in fonts, and the system's where these lack a character.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a font that is preferred to those. `file` names it in errors.
    ///
    /// # Errors
    /// [`SealError::Font`] where the bytes are no font, or one that may not be embedded.
    pub fn add(&mut self, file: &str, data: Vec<u8>) -> Result<(), SealError> {
        let face = given(file, data)?;
        self.given.push(face);
        Ok(())
    }

    /// The same for what is bold.
    ///
    /// # Errors
    /// [`SealError::Font`]
    pub fn add_bold(&mut self, file: &str, data: Vec<u8>) -> Result<(), SealError> {
        let face = given(file, data)?;
        self.given_bold.push(face);
        Ok(())
    }

    /// The first face that has the character.
    pub(super) fn find(&self, c: char, weight: Weight) -> Option<Arc<Face>> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let face = found
            .entry((c, weight))
            .or_insert_with(|| self.search(c, weight));
        face.clone()
    }

    fn search(&self, c: char, weight: Weight) -> Option<Arc<Face>> {
        let (own, other) = match weight {
            Weight::Regular => (&self.given, &self.given_bold),
            Weight::Bold => (&self.given_bold, &self.given),
        };
        let given = own.iter().chain(other).find(|face| face.has(c)).cloned();
        given
            .or_else(|| built_in(weight).find(|face| face.has(c)).cloned())
            .or_else(|| self.system.get_or_init(System::scan).find(c, weight))
    }
}

fn given(file: &str, data: Vec<u8>) -> Result<Arc<Face>, SealError> {
    let refuse = |why| SealError::Font {
        file: file.to_owned(),
        why,
    };
    let face = Face::new(Arc::new(data), 0).ok_or(refuse("it is not a font that can be read"))?;
    let permissions = face.shaper().and_then(|face| face.permissions());
    if permissions == Some(ttf_parser::Permissions::Restricted) {
        return Err(refuse("its licence does not permit embedding it"));
    }
    face.krilla()
        .ok_or(refuse("it is not a font that can be embedded"))?;
    Ok(face)
}

/// Noto Sans, then DejaVu Sans, which has Arabic, Hebrew and more scripts.
fn built_in(weight: Weight) -> impl Iterator<Item = &'static Arc<Face>> {
    static FACES: OnceLock<[Option<Arc<Face>>; 4]> = OnceLock::new();
    let faces = FACES.get_or_init(|| {
        [
            notosans::REGULAR_TTF,
            dejavu::sans::regular(),
            notosans::BOLD_TTF,
            dejavu::sans::bold(),
        ]
        .map(|data| Face::new(Arc::new(data), 0))
    });
    let order = match weight {
        Weight::Regular => [0, 1, 2, 3],
        Weight::Bold => [2, 3, 0, 1],
    };
    order.into_iter().filter_map(|at| faces[at].as_ref())
}

/// The system's fonts, read when the first character asks for them.
#[derive(Debug)]
struct System {
    database: fontdb::Database,
    /// Regular faces by preference.
    order: Vec<fontdb::ID>,
    /// What was read: the characters of a word have to share a face to be shaped together, and a font
    /// of tens of megabytes its octets.
    read: Mutex<HashMap<fontdb::ID, Option<Arc<Face>>>>,
}

impl System {
    fn scan() -> Self {
        let mut database = fontdb::Database::new();
        database.load_system_fonts();
        Self::of(database)
    }

    fn of(database: fontdb::Database) -> Self {
        let mut faces: Vec<_> = database
            .faces()
            .filter(|face| face.style == fontdb::Style::Normal && !face.monospaced)
            .map(|face| {
                let family = face.families.first().map_or("", |(name, _)| name.as_str());
                // Sans serif beside the built-in sans serif; then by name, for the same choice
                // wherever the same fonts are installed.
                let serif = family.contains("Serif") || family.contains("Naskh");
                let noto = !family.starts_with("Noto Sans");
                (serif, noto, family.to_owned(), face.weight.0, face.id)
            })
            .collect();
        faces.sort();
        Self {
            order: faces.into_iter().map(|face| face.4).collect(),
            database,
            read: Mutex::default(),
        }
    }

    fn find(&self, c: char, weight: Weight) -> Option<Arc<Face>> {
        let wanted = match weight {
            Weight::Regular => fontdb::Weight::NORMAL,
            Weight::Bold => fontdb::Weight::BOLD,
        };
        let has = |id: &fontdb::ID| {
            self.database
                .with_face_data(*id, |data, index| {
                    ttf_parser::Face::parse(data, index).is_ok_and(|face| {
                        face.glyph_index(c).is_some()
                            && !face.is_variable()
                            && face.permissions() != Some(ttf_parser::Permissions::Restricted)
                    })
                })
                .unwrap_or(false)
        };
        let of_weight = |id: &&fontdb::ID| {
            self.database
                .face(**id)
                .is_some_and(|face| face.weight == wanted)
        };
        let id = self
            .order
            .iter()
            .filter(of_weight)
            .find(|id| has(id))
            .or_else(|| self.order.iter().find(|id| has(id)))?;
        let read = || {
            self.database
                .with_face_data(*id, |data, index| Face::new(Arc::new(data.to_vec()), index))?
        };
        let mut known = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(*id).or_insert_with(read).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_of_a_system_font_has_a_copy_of_its_own() {
        let mut database = fontdb::Database::new();
        database.load_font_data(dejavu::sans::regular().to_vec());
        database.load_font_data(dejavu::sans::bold().to_vec());
        let system = System::of(database);
        let face = |c, weight| system.find(c, weight).unwrap();
        // In two runs the letters of a word would not join, nor its vowel signs stand on them.
        let (lam, alef) = (
            face('\u{644}', Weight::Regular),
            face('\u{627}', Weight::Regular),
        );
        assert!(Arc::ptr_eq(&lam, &alef));
        assert!(!Arc::ptr_eq(&lam, &face('\u{644}', Weight::Bold)));
    }
}
