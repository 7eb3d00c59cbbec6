//! How a camera was held: the Orientation tag of an Exif block (Exif 3.0, 4.6.5), which is TIFF.

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;

/// 1 (upright) to 8; 1 where the block does not say.
pub(super) fn orientation(exif: &[u8]) -> u8 {
    read(exif)
        .filter(|value| (1..=8).contains(value))
        .unwrap_or(1)
}

fn read(exif: &[u8]) -> Option<u8> {
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let big = match exif.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    };
    let bytes = exif.get(4..8)?.try_into().ok()?;
    let directory = usize::try_from(if big {
        u32::from_be_bytes(bytes)
    } else {
        u32::from_le_bytes(bytes)
    })
    .ok()?;
    let entries = usize::from(u16_at(directory)?);
    for index in 0..entries {
        let entry = directory.checked_add(2)?.checked_add(index * 12)?;
        if u16_at(entry)? == ORIENTATION && u16_at(entry + 2)? == SHORT {
            return u8::try_from(u16_at(entry + 8)?).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_byte_orders_and_nonsense() {
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0";
        assert_eq!(orientation(big), 6);
        let little = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0";
        assert_eq!(orientation(little), 8);
        assert_eq!(orientation(b"MM\0*\xff\xff\xff\xff"), 1);
        assert_eq!(orientation(b""), 1);
    }

    proptest::proptest! {
        #[test]
        fn any_block_is_read_or_ignored(bytes: Vec<u8>) {
            let tag = [b"II*\0".as_slice(), &bytes].concat();
            proptest::prop_assert!((1..=8).contains(&orientation(&tag)));
        }
    }
}
