//! What the settings file says where the command line of `sceau sign` says nothing.

use super::Args;
use super::args::Level;
use crate::settings::Settings;

impl Args {
    pub(super) fn fill(&mut self, settings: &Settings) {
        let key = &mut self.key;
        let elsewhere = self.apart.prepare.is_some() || self.apart.complete.is_some();
        // Certificate and PIN belong to the key beside which they stand.
        if key.key.is_none() && !elsewhere {
            key.key.clone_from(&settings.key);
        }
        if key.key.is_some() && key.key == settings.key && !elsewhere {
            key.pin.pin_file = key.pin.pin_file.take().or(settings.pin_file.clone());
        }
        if self.apart.prepare.is_some() || key.key == settings.key {
            key.cert = key.cert.take().or(settings.certificate.clone());
            if key.chain.is_empty() {
                key.chain.clone_from(&settings.chain);
            }
        }
        // What is prepared for a key elsewhere is at the level that is asked for there.
        let contradicts = settings.level == Some(Level::BB) && !self.tsa.is_empty();
        if self.level.is_none() && !contradicts && !elsewhere {
            self.level = settings.level;
            if self.level.is_none() && !settings.tsa.is_empty() {
                self.level = Some(Level::BT);
            }
        }
        let long = matches!(self.level, Some(Level::BLt | Level::BLta));
        if long && self.long_term.trust.is_empty() {
            self.long_term.trust.clone_from(&settings.trust);
        }
    }
}
