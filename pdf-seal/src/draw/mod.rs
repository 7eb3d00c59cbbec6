//! Two ways to draw one scene: as a form XObject, as a picture of points.

pub(crate) mod pdf;
pub(crate) mod preview;
