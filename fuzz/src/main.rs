//! Built by `cargo xtask fuzz`, this is libFuzzer on the target that `FUZZ_TARGET` names. Built without, it
//! runs the target on the files it is given, so that a find can be looked at.
#![cfg_attr(feature = "libfuzzer", no_main)]
#![allow(clippy::print_stdout, clippy::print_stderr)] // A command: printing is what it is for.

#[cfg(feature = "libfuzzer")]
mod fuzzer {
    use std::sync::LazyLock;

    use sceau_fuzz::{Target, find};

    static TARGET: LazyLock<Target> = LazyLock::new(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        match find(&name) {
            Some(target) => *target,
            None => {
                eprintln!("FUZZ_TARGET={name} names no target");
                std::process::exit(64)
            }
        }
    });

    libfuzzer_sys::fuzz_target!(|input: &[u8]| (TARGET.run)(input));
}

#[cfg(not(feature = "libfuzzer"))]
fn main() -> std::process::ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let name = arguments.next().unwrap_or_default();
    let Some(target) = name.to_str().and_then(sceau_fuzz::find) else {
        eprintln!("usage: sceau-fuzz TARGET FILE...\ntargets:");
        for target in sceau_fuzz::TARGETS {
            eprintln!("  {}", target.name);
        }
        return std::process::ExitCode::from(64);
    };
    for path in arguments {
        match std::fs::read(&path) {
            Ok(input) => (target.run)(&input),
            Err(error) => {
                eprintln!("error: {}: {error}", path.display());
                return std::process::ExitCode::from(66);
            }
        }
        println!("{}: nothing is broken", path.display());
    }
    std::process::ExitCode::SUCCESS
}
