//! QR codes (ISO/IEC 18004) as squares.

use qrcode::bits::Bits;
use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode, Version};

use crate::SealError;

/// Squares of silence on each side (9.1 of the standard asks for four).
pub(crate) const QUIET: usize = 4;
/// Points of a square that printers still show and cameras still see: a third of a millimetre.
const SMALLEST_MODULE: f32 = 0.9;

/// Which squares are dark, row by row.
#[derive(Clone, Debug)]
pub(crate) struct Qr {
    pub(crate) side: usize,
    dark: Vec<bool>,
}

impl Qr {
    /// With the strongest error correction that does not make the code larger.
    pub(crate) fn new(content: &str) -> Result<Self, SealError> {
        let make = |level| encode(content, level);
        let smallest = make(EcLevel::L).map_err(|_| SealError::QrContent { len: content.len() })?;
        let best = [EcLevel::H, EcLevel::Q, EcLevel::M]
            .into_iter()
            .filter_map(|level| make(level).ok())
            .find(|code| code.width() == smallest.width())
            .unwrap_or(smallest);
        Ok(Self {
            side: best.width(),
            dark: best
                .into_colors()
                .into_iter()
                .map(|c| c == qrcode::Color::Dark)
                .collect(),
        })
    }

    /// Squares along a side, silence included.
    pub(crate) fn extent(&self) -> usize {
        self.side + 2 * QUIET
    }

    /// The size of a square where the whole has this side in points.
    pub(crate) fn module(&self, side: f32) -> Result<f32, SealError> {
        #[allow(clippy::cast_precision_loss)]
        let module = side / self.extent() as f32;
        if module < SMALLEST_MODULE {
            return Err(SealError::QrTooSmall {
                modules: self.side,
                side,
                module,
            });
        }
        Ok(module)
    }

    /// Rows of dark squares: row, first column, count. Neighbours in one piece leave no seams.
    pub(crate) fn bars(&self) -> Vec<(usize, usize, usize)> {
        let mut bars = Vec::new();
        for (row, squares) in self.dark.chunks(self.side.max(1)).enumerate() {
            let mut column = 0;
            for group in squares.chunk_by(|a, b| a == b) {
                if group.first() == Some(&true) {
                    bars.push((row, column, group.len()));
                }
                column += group.len();
            }
        }
        bars
    }
}

/// The smallest code. What is not ASCII says that it is UTF-8 (7.4.2.2), so that readers need not
/// guess.
fn encode(content: &str, level: EcLevel) -> Result<QrCode, QrError> {
    /// The ECI designator of UTF-8 (AIM ITS/04-023).
    const UTF_8: u32 = 26;
    const VERSIONS: i16 = 40;
    if content.is_ascii() {
        return QrCode::with_error_correction_level(content, level);
    }
    for version in 1..=VERSIONS {
        let mut bits = Bits::new(Version::Normal(version));
        let fits = bits
            .push_eci_designator(UTF_8)
            .and_then(|()| bits.push_byte_data(content.as_bytes()))
            .and_then(|()| bits.push_terminator(level));
        match fits {
            Ok(()) => return QrCode::with_bits(bits, level),
            Err(QrError::DataTooLong) => {}
            Err(e) => return Err(e),
        }
    }
    Err(QrError::DataTooLong)
}
