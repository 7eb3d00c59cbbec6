//! How many certificates the linter judges in a second on one core: `cargo run --release -p pki-lint
//! --example speed CERTIFICATE.der [ISSUER.der]`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::time::Instant;

use pki_lint::{Context, CrlContext, CrlHead, CrlStream, lint_certificate, rules};

fn main() -> std::io::Result<()> {
    let mut files = std::env::args_os().skip(1);
    let Some(file) = files.next() else {
        eprintln!("usage: speed CERTIFICATE.der [ISSUER.der]");
        return Ok(());
    };
    let der = std::fs::read(file)?;
    let issuer = files.next().map(std::fs::read).transpose()?;
    let context = Context {
        issuer: issuer.as_deref(),
        ..Context::default()
    };
    let (rounds, start) = (20_000, Instant::now());
    let mut findings = 0;
    for _ in 0..rounds {
        findings += lint_certificate(&der, &context).len();
    }
    let rate = f64::from(rounds) / start.elapsed().as_secs_f64();
    println!(
        "{} rules, {findings} findings, {rate:.0} certificates/s",
        rules().count()
    );

    // An entry with a reason, as most are.
    let entry = [
        0x30, 0x20, 2, 1, 7, 0x17, 13, b'2', b'6', b'1', b'1', b'0', b'1', b'0', b'0', b'0', b'0',
        b'0', b'0', b'Z', 0x30, 0x0C, 0x30, 0x0A, 6, 3, 0x55, 0x1D, 0x15, 4, 3, 10, 1, 1,
    ];
    let mut stream = CrlStream::begin(&CrlHead::default(), &CrlContext::default());
    let (rounds, start) = (1_000_000, Instant::now());
    for _ in 0..rounds {
        stream.entry(&entry);
    }
    let rate = f64::from(rounds) / start.elapsed().as_secs_f64();
    println!(
        "{rate:.0} CRL entries/s, {} findings",
        stream.finish().len()
    );
    Ok(())
}
