//! The layout of a ZIP archive (APPNOTE 4.3): files one after the other from the first octet on, the directory
//! right behind them, its end at the end of the file, and everything that is said twice said the same.
//!
//! Readers find files by the directory, by that of ZIP64 where there is one, or by going from file to file
//! from the front. Only in an archive without gaps and contradictions do all of them find the same.

use pdf_file::Source;

use super::{AsicError, Limits};

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const WIDE_END: &[u8] = b"PK\x06\x06";
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCAL_LEN: usize = 30;
const CENTRAL_LEN: usize = 46;
const END_LEN: usize = 22;
const WIDE_END_LEN: usize = 56;
const LOCATOR_LEN: usize = 20;
/// General purpose bit 3: checksum and sizes follow the data.
const DESCRIPTOR: u16 = 1 << 3;
/// The sizes of ZIP64 (APPNOTE 4.5.3).
const EXTRA_WIDE: u16 = 1;
/// Info-ZIP's Unicode path (APPNOTE 4.6.9): another name, which some programs take for the one that counts.
const EXTRA_PATH: u16 = 0x7075;

/// Checks the layout, and that the directory promises no more than is read.
///
/// # Errors
/// Where it is no archive, two programs could read it differently, or a bound is reached.
pub(super) fn check(source: &dyn Source, limits: &Limits) -> Result<(), AsicError> {
    let end = End::read(source)?;
    for (what, number, limit) in [
        ("files", end.entries, limits.members),
        ("octets in the directory", end.size, limits.directory),
    ] {
        if number > limit {
            return Err(AsicError::Budget { what, limit });
        }
    }
    if end.start.checked_add(end.size) != Some(end.at) {
        return Err(ambiguous("its directory is somewhere else than at its end"));
    }
    let directory = read(source, end.start, end.size as usize)?;
    let mut files = Vec::new();
    let mut rest = Bytes(&directory);
    while !rest.0.is_empty() {
        files.push(File::read(&mut rest)?);
    }
    if files.len() as u64 != end.entries {
        return Err(ambiguous(
            "its directory has another number of files than its end says",
        ));
    }
    files.sort_by_key(|file| file.offset);
    let mut at = 0;
    for file in &files {
        if file.offset != at {
            return Err(ambiguous(match at {
                0 => "something stands before it",
                _ => {
                    "octets that belong to no file lie between its files, or files share their octets"
                }
            }));
        }
        at = file.ends(source, end.start)?;
    }
    if at != end.start {
        return Err(ambiguous(
            "octets that belong to no file lie before its directory",
        ));
    }
    Ok(())
}

fn ambiguous(why: &str) -> AsicError {
    AsicError::Ambiguous(why.to_owned())
}

fn malformed() -> AsicError {
    AsicError::Zip("its directory is malformed".into())
}

fn read(source: &dyn Source, at: u64, length: usize) -> Result<Vec<u8>, AsicError> {
    let inside = at
        .checked_add(length as u64)
        .is_some_and(|end| end <= source.len());
    if !inside {
        return Err(malformed());
    }
    let mut bytes = vec![0; length];
    source
        .read_exact_at(at, &mut bytes)
        .map_err(AsicError::Read)?;
    Ok(bytes)
}

/// Octets with numbers in them, the least significant first.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], AsicError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, length: usize) -> Result<u64, AsicError> {
        let octets = self.take(length)?.iter().rev();
        Ok(octets.fold(0, |number, octet| (number << 8) | u64::from(*octet)))
    }

    fn short(&mut self) -> Result<u16, AsicError> {
        Ok(self.number(2)? as u16)
    }

    fn marked(&mut self, mark: &[u8]) -> Result<(), AsicError> {
        (self.take(mark.len())? == mark)
            .then_some(())
            .ok_or_else(malformed)
    }
}

/// The end of the directory (APPNOTE 4.3.16), with what ZIP64 says of it (4.3.14 and 4.3.15).
struct End {
    /// Where the directory has to end.
    at: u64,
    entries: u64,
    size: u64,
    start: u64,
}

impl End {
    fn read(source: &dyn Source) -> Result<Self, AsicError> {
        let length = source.len();
        let tail_length = length.min((usize::from(u16::MAX) + END_LEN) as u64);
        let tail = read(source, length - tail_length, tail_length as usize)?;
        let last = tail.windows(END_LEN).rposition(|w| w.starts_with(END));
        let last = last.ok_or_else(|| AsicError::Zip("its directory is missing".into()))?;
        let mut fields = Bytes(tail.get(last..).unwrap_or_default());
        fields.marked(END)?;
        let disks = [fields.number(2)?, fields.number(2)?];
        let here = fields.number(2)?;
        let classic = [fields.number(2)?, fields.number(4)?, fields.number(4)?];
        let comment = fields.number(2)?;
        if comment != fields.0.len() as u64 {
            return Err(ambiguous("something follows it"));
        }
        if disks != [0, 0] || here != classic[0] {
            return Err(ambiguous("it is one of several"));
        }
        let at = length - tail_length + last as u64;
        let [entries, size, start] = classic;
        let own = Self {
            at,
            entries,
            size,
            start,
        };
        let locator = at.checked_sub(LOCATOR_LEN as u64);
        let Some(locator) = locator else {
            return Ok(own);
        };
        match read(source, locator, LOCATOR_LEN)? {
            found if found.starts_with(LOCATOR) => own.wide(source, locator, &found),
            _ => Ok(own),
        }
    }

    /// The same in ZIP64, which has to agree.
    fn wide(self, source: &dyn Source, locator: u64, found: &[u8]) -> Result<Self, AsicError> {
        let twice = || ambiguous("its directory is told twice, and differently");
        let mut fields = Bytes(found);
        fields.marked(LOCATOR)?;
        fields.number(4)?;
        let at = fields.number(8)?;
        let record = read(source, at, WIDE_END_LEN)?;
        let mut fields = Bytes(&record);
        fields.marked(WIDE_END)?;
        let behind = fields.number(8)?;
        if at.checked_add(12).and_then(|at| at.checked_add(behind)) != Some(locator) {
            return Err(twice());
        }
        fields.take(12)?;
        let here = fields.number(8)?;
        let wide = [fields.number(8)?, fields.number(8)?, fields.number(8)?];
        let saturated = [
            u64::from(u16::MAX),
            u64::from(u32::MAX),
            u64::from(u32::MAX),
        ];
        let classic = [self.entries, self.size, self.start];
        let same = (classic.iter().zip(wide).zip(saturated))
            .all(|((classic, wide), most)| *classic == wide || *classic == most);
        if !same || here != wide[0] {
            return Err(twice());
        }
        let [entries, size, start] = wide;
        Ok(Self {
            at,
            entries,
            size,
            start,
        })
    }
}

/// What the directory says of a file (APPNOTE 4.3.12).
struct File {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u64,
    packed: u64,
    size: u64,
    offset: u64,
}

impl File {
    fn read(directory: &mut Bytes<'_>) -> Result<Self, AsicError> {
        let mut fields = Bytes(directory.take(CENTRAL_LEN)?);
        fields.marked(CENTRAL)?;
        fields.take(4)?;
        let (flags, method) = (fields.short()?, fields.short()?);
        fields.take(4)?;
        let crc = fields.number(4)?;
        let (mut packed, mut size) = (fields.number(4)?, fields.number(4)?);
        let lengths = [fields.number(2)?, fields.number(2)?, fields.number(2)?];
        fields.take(8)?;
        let mut offset = fields.number(4)?;
        let [name, extra, comment] = lengths.map(|length| length as usize);
        let name = directory.take(name)?.to_vec();
        let extra = Extra::read(directory.take(extra)?, &name)?;
        directory.take(comment)?;
        extra.widen(&mut [&mut size, &mut packed, &mut offset])?;
        Ok(Self {
            name,
            flags,
            method,
            crc,
            packed,
            size,
            offset,
        })
    }

    /// Where the file ends, by what stands before it, which has to agree with the directory (4.3.7), and by
    /// what follows its data (4.3.9).
    fn ends(&self, source: &dyn Source, limit: u64) -> Result<u64, AsicError> {
        let differs = |what: &str| {
            let name = String::from_utf8_lossy(&self.name).into_owned();
            ambiguous(&format!(
                "{what} of {name:?} differs between its directory and the file itself"
            ))
        };
        let header = read(source, self.offset, LOCAL_LEN)?;
        let mut fields = Bytes(&header);
        fields.marked(LOCAL)?;
        fields.take(2)?;
        let (flags, method) = (fields.short()?, fields.short()?);
        fields.take(4)?;
        let crc = fields.number(4)?;
        let (mut packed, mut size) = (fields.number(4)?, fields.number(4)?);
        let lengths = [fields.number(2)?, fields.number(2)?];
        let [name, extra] = lengths.map(|length| length as usize);
        let after = self.offset + LOCAL_LEN as u64;
        let more = read(source, after, name + extra)?;
        let mut more = Bytes(&more);
        if more.take(name)? != self.name {
            return Err(differs("the name"));
        }
        Extra::read(more.0, &self.name)?.widen(&mut [&mut size, &mut packed])?;
        if flags != self.flags || method != self.method {
            return Err(differs("the method"));
        }
        let told = [crc, packed, size];
        let own = [self.crc, self.packed, self.size];
        let is_later = flags & DESCRIPTOR != 0;
        if told != own && !(is_later && told == [0; 3]) {
            return Err(differs("the size or the checksum"));
        }
        let data = after + (name + extra) as u64;
        let end = data.checked_add(self.packed).filter(|end| *end <= limit);
        let end = end.ok_or_else(malformed)?;
        if !is_later {
            return Ok(end);
        }
        let length = self.descriptor(source, end, limit)?;
        Ok(end + length.ok_or_else(|| differs("the size or the checksum"))?)
    }

    /// How long the data descriptor is, which repeats what the directory says: with its mark or without,
    /// with short numbers or with long ones.
    fn descriptor(
        &self,
        source: &dyn Source,
        at: u64,
        limit: u64,
    ) -> Result<Option<u64>, AsicError> {
        const LONGEST: u64 = 24;
        let found = read(source, at, limit.saturating_sub(at).min(LONGEST) as usize)?;
        let crc = (self.crc as u32).to_le_bytes();
        for mark in [&b"PK\x07\x08"[..], b""] {
            for width in [4, 8] {
                let mut expected = [mark, &crc].concat();
                for number in [self.packed, self.size] {
                    expected.extend(number.to_le_bytes().iter().take(width));
                }
                if found.starts_with(&expected) {
                    return Ok(Some(expected.len() as u64));
                }
            }
        }
        Ok(None)
    }
}

/// The extra fields that change what a header says (APPNOTE 4.5).
struct Extra<'e> {
    wide: Option<Bytes<'e>>,
}

impl<'e> Extra<'e> {
    fn read(extra: &'e [u8], name: &[u8]) -> Result<Self, AsicError> {
        let mut out = Self { wide: None };
        let mut rest = Bytes(extra);
        // Some writers leave less than a field at the end.
        while rest.0.len() >= 4 {
            let kind = rest.short()?;
            let length = rest.number(2)? as usize;
            let data = rest.take(length)?;
            match kind {
                EXTRA_WIDE if out.wide.is_some() => {
                    return Err(ambiguous("sizes in ZIP64 are there twice"));
                }
                EXTRA_WIDE => out.wide = Some(Bytes(data)),
                // Version and checksum of the other name come first.
                EXTRA_PATH if data.get(5..) != Some(name) => {
                    let name = String::from_utf8_lossy(name);
                    return Err(ambiguous(&format!("{name:?} has another name as well")));
                }
                _ => {}
            }
        }
        Ok(out)
    }

    /// Numbers that do not fit into the header, in their order.
    fn widen(self, numbers: &mut [&mut u64]) -> Result<(), AsicError> {
        let Some(mut wide) = self.wide else {
            return Ok(());
        };
        for number in numbers {
            if **number == u64::from(u32::MAX) {
                **number = wide.number(8)?;
            }
        }
        Ok(())
    }
}
