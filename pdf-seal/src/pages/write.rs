//! Sheets as PDF/A-2a with their structure (ISO 32000-1, 14.8).

use core::num::NonZeroU16;

use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Node, Tag, TagGroup, TagTree};
use krilla::{Document, SerializeSettings};

use super::Sheets;
use super::layout::{HEIGHT, Role, Sheet, WIDTH};
use crate::SealError;
use crate::draw::pdf::{fill, glyphs, refused};
use crate::scene::Rect;

pub(super) fn write(what: &Sheets, sheets: &[Sheet]) -> Result<Vec<u8>, SealError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .finish()
        .map_err(|_| SealError::Draw("the PDF writer has no PDF/A rules".into()))?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        enable_tagging: true,
        ..SerializeSettings::default()
    });
    let (year, month, day, hour, minute, second) = what.made;
    let made = DateTime::new(year)
        .month(month)
        .day(day)
        .hour(hour)
        .minute(minute)
        .second(second)
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    document.set_metadata(
        Metadata::new()
            .title(what.title.clone())
            .language(what.language.clone())
            .producer(what.producer.clone())
            .creation_date(made),
    );
    let mut elements: Vec<(usize, Role, TagGroup)> = Vec::new();
    for sheet in sheets {
        let size = PageSettings::from_wh(WIDTH, HEIGHT)
            .ok_or_else(|| SealError::Draw("a sheet has no size".into()))?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        let drawn = draw(&mut surface, sheet, &mut elements);
        surface.finish();
        page.finish();
        drawn?;
    }
    document.set_tag_tree(tree(what, elements));
    document.finish().map_err(refused)
}

fn draw(
    surface: &mut Surface<'_>,
    sheet: &Sheet,
    elements: &mut Vec<(usize, Role, TagGroup)>,
) -> Result<(), SealError> {
    if !sheet.bars.is_empty() {
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(
            ArtifactType::Layout,
        )));
        for (x, y, height, colour) in &sheet.bars {
            let bar = Rect {
                x: *x,
                y: *y,
                width: 4.0,
                height: *height,
            };
            fill(surface, &[bar], 0.0, *colour);
        }
        surface.end_tagged();
    }
    for line in &sheet.lines {
        if line.runs.is_empty() {
            continue;
        }
        let tag = match line.element {
            0 => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
            _ => ContentTag::Other,
        };
        let identifier = surface.start_tagged(tag);
        let drawn = line.runs.iter().try_for_each(|run| glyphs(surface, run));
        surface.end_tagged();
        drawn?;
        if line.element == 0 {
            continue;
        }
        match elements.last_mut() {
            Some((element, _, group)) if *element == line.element => group.push(identifier),
            _ => {
                let mut group = match line.role {
                    Role::Title => TagGroup::new(heading(NonZeroU16::MIN)),
                    Role::Heading => TagGroup::new(heading(NonZeroU16::MIN.saturating_add(1))),
                    Role::Text => TagGroup::new(Tag::P),
                };
                group.push(identifier);
                elements.push((line.element, line.role, group));
            }
        }
    }
    Ok(())
}

fn heading(level: NonZeroU16) -> Tag<krilla::tagging::kind::Hn> {
    Tag::Hn(level, None)
}

/// Headings with what follows them, up to the next one.
fn tree(what: &Sheets, elements: Vec<(usize, Role, TagGroup)>) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(what.language.clone()));
    let mut section: Option<TagGroup> = None;
    for (_, role, group) in elements {
        if role == Role::Heading
            && let Some(before) = section.replace(TagGroup::new(Tag::Section))
        {
            tree.push(Node::Group(before));
        }
        match &mut section {
            Some(section) => section.push(Node::Group(group)),
            None => tree.push(Node::Group(group)),
        }
    }
    if let Some(last) = section {
        tree.push(Node::Group(last));
    }
    tree
}
