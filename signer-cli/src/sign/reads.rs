//! What a run reads besides the documents: key, certificates, passwords, lists. `--force` is about
//! outputs of earlier runs, and a slip with it must not cost a key.

use std::path::PathBuf;

use hsm_pkcs11::KeyLocation;

use super::Args;
use crate::key_name::KeyName;

impl Args {
    /// Files that no output may replace.
    pub(super) fn reads(&self) -> Vec<PathBuf> {
        let key = match &self.key.key {
            Some(KeyName::Here(KeyLocation::File(path))) => Some(path),
            _ => None,
        };
        let one = [
            key,
            self.key.cert.as_ref(),
            self.key.pin.pin_file.as_ref(),
            self.key.otp_file.as_ref(),
            self.pades.password_file.as_ref(),
            self.visible.image.as_ref(),
            self.visible.font.as_ref(),
            self.visible.font_bold.as_ref(),
            self.files.content.as_ref(),
            self.batch.from.as_ref(),
            self.apart.complete.as_ref(),
        ];
        let many = [
            &self.key.chain,
            &self.long_term.trust,
            &self.long_term.crl,
            &self.apart.signature,
        ];
        let declared = self.declared.reads().chain(self.files.reads());
        let all = one.into_iter().flatten();
        all.chain(many.into_iter().flatten())
            .chain(declared)
            .cloned()
            .chain(self.long_term.trusted_lists.reads())
            .collect()
    }
}
