//! What a service says may repeat what it was sent: a debugging server prints the request, a gateway
//! the header. Secrets are taken out of its words before anybody sees them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use core::fmt::Write as _;
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// What a service says of an error, in characters.
const MAX_TEXT: usize = 300;
const HIDDEN: &str = "[secret]";

/// The secrets of one exchange, in the forms in which they may come back.
#[derive(Default)]
pub(crate) struct Secrets(Vec<Zeroizing<String>>);

impl Secrets {
    pub(crate) fn add(&mut self, secret: &SecretString) {
        self.add_text(secret.expose_secret());
    }

    /// A name and a password as HTTP Basic sends them, and the password alone.
    pub(crate) fn add_basic(&mut self, username: &str, password: &SecretString) {
        let both = Zeroizing::new(format!("{username}:{}", password.expose_secret()));
        self.push(STANDARD_NO_PAD.encode(both.as_bytes()));
        self.add(password);
    }

    fn add_text(&mut self, secret: &str) {
        self.push(secret.to_owned());
        self.push(STANDARD_NO_PAD.encode(secret));
        self.push(byte_serialize(secret.as_bytes()).collect());
        let json = Zeroizing::new(serde_json::to_string(secret).unwrap_or_default());
        let json = json.trim_start_matches('"');
        let json = json.strip_suffix('"').unwrap_or(json);
        let mut ascii = Zeroizing::new(String::new());
        for c in json.chars() {
            if c.is_ascii() {
                ascii.push(c);
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String does not fail.
                    let _ = write!(ascii, "\\u{unit:04x}");
                }
            }
        }
        self.push(json.to_owned());
        self.push(ascii.to_string());
    }

    fn push(&mut self, form: String) {
        let form = Zeroizing::new(form);
        if !form.is_empty() && !self.0.contains(&form) {
            self.0.push(form);
            // The longest first, so that no rest of it stays.
            self.0.sort_by_key(|form| core::cmp::Reverse(form.len()));
        }
    }

    /// The service's words without them, and not too many.
    pub(crate) fn hide(&self, text: String) -> String {
        let mut text = Zeroizing::new(text);
        for form in &self.0 {
            if text.contains(form.as_str()) {
                text = Zeroizing::new(text.replace(form.as_str(), HIDDEN));
            }
        }
        shortened(&text)
    }
}

/// The beginning of what a service says.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
