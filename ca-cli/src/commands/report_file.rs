//! Reports with a line for each entry: comma-separated values (RFC 4180), written as a stream, whole or
//! absent.

use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;

use cli_support::{AtomicFile, Failure, Overwrite};

/// A report in the making.
pub(super) struct ReportFile(BufWriter<AtomicFile>);

impl ReportFile {
    /// Prepares the report. One of the same kind is replaced, and nothing else is.
    pub(super) fn create(path: &Path, heading: &[&str], inputs: &[&Path]) -> Result<Self, Failure> {
        let overwrite = if begins_with(path, &line(heading)) {
            Overwrite::Replace
        } else {
            Overwrite::Refuse
        };
        let options = inputs
            .iter()
            .fold(AtomicFile::options(overwrite), |o, input| o.input(*input));
        let mut report = Self(BufWriter::new(options.create(path)?));
        report.row(heading)?;
        Ok(report)
    }

    /// Appends a line.
    pub(super) fn row(&mut self, fields: &[&str]) -> io::Result<()> {
        self.0.write_all(line(fields).as_bytes())
    }

    /// Makes it durable and visible.
    pub(super) fn commit(self) -> Result<(), Failure> {
        let file = self
            .0
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        Ok(file.commit()?)
    }
}

fn line(fields: &[&str]) -> String {
    let fields: Vec<_> = fields.iter().map(|field| quoted(field)).collect();
    fields.join(",") + "\n"
}

/// A field as it stands in the file. What a spreadsheet would take for a formula gets an apostrophe in
/// front, and so does what begins with one, so that whoever takes away the first apostrophe has the field.
fn quoted(field: &str) -> String {
    let guard = match field.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) {
        true => "'",
        false => "",
    };
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", field.replace('"', "\"\""))
    } else {
        format!("{guard}{field}")
    }
}

fn begins_with(path: &Path, heading: &str) -> bool {
    // Opening a pipe would wait for somebody to write.
    if !path.metadata().is_ok_and(|m| m.is_file()) {
        return false;
    }
    let Ok(file) = std::fs::File::open(path) else {
        return false;
    };
    let mut first = String::new();
    let read = BufReader::new(file.take(1024)).read_line(&mut first);
    read.is_ok() && first == heading
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn no_cell_is_a_formula_to_a_spreadsheet() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1"] {
            let written = line(&[formula]);
            let back = written.trim_end_matches('\n').strip_prefix('\'');
            assert_eq!(back, Some(formula), "{written}");
        }
        assert_eq!(
            line(&["=HYPERLINK(\"http://x\",1)"]),
            "\"'=HYPERLINK(\"\"http://x\"\",1)\"\n"
        );
        assert_eq!(line(&["a=1", "1-2", ""]), "a=1,1-2,\n");
    }

    #[test]
    fn what_would_end_a_field_is_quoted() {
        assert_eq!(
            line(&["1", "a,b", "say \"x\""]),
            "1,\"a,b\",\"say \"\"x\"\"\"\n"
        );
    }
}
