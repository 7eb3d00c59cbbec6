//! Visible signatures before those who show them: poppler and MuPDF draw the pages and read the text
//! and the fonts, zbar reads the QR code, qpdf and pdfsig judge the files.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod archives;
mod fields;
mod images;
mod mistakes;
mod pages;
mod places;
mod preview;
mod qr;
mod settings;
mod text;
mod tools;
