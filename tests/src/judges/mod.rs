//! The judges: independent tools, asked one question each, with a typed answer.
//!
//! None of them shares code with this project. Where two exist for one question, both are asked.

pub mod bouncycastle;
pub mod nss;
pub mod openssl;
pub mod pdf;
pub mod pdfbox;
pub mod python;
