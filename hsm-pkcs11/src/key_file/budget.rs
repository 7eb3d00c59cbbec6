//! How much work a key file may ask for before it has proved anything.
//!
//! The parameters of key derivation stand in the file, unauthenticated. A hostile file could ask for
//! gigabytes or hours; ours ask for 16 MiB and less than a tenth of a second.

use pkcs5::pbes2::Kdf;

/// Most memory for one scrypt call, in bytes (128 * N * r).
const MAX_SCRYPT_MEMORY: u64 = 256 << 20;
/// Most scrypt work for one file (N * r * p): about two seconds.
const MAX_SCRYPT_WORK: u64 = 1 << 23;
/// Most iterations of HMAC or a digest for one file: some seconds.
const MAX_ITERATIONS: u64 = 5_000_000;
/// Most encrypted parts of one file.
const MAX_DERIVATIONS: u32 = 16;

/// What is left for one file.
pub(crate) struct Budget {
    scrypt: u64,
    iterations: u64,
    derivations: u32,
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self {
            scrypt: MAX_SCRYPT_WORK,
            iterations: MAX_ITERATIONS,
            derivations: MAX_DERIVATIONS,
        }
    }

    /// Pays for one key derivation, or says what is too much.
    pub(crate) fn spend(&mut self, kdf: &Kdf) -> Result<(), String> {
        if let Some(p) = kdf.scrypt() {
            let (n, r) = (p.cost_parameter, u64::from(p.block_size));
            let p = u64::from(p.parallelization);
            let memory = n.saturating_mul(r).saturating_mul(128);
            if memory > MAX_SCRYPT_MEMORY {
                return Err(format!(
                    "scrypt with N = {n} and r = {r} takes {memory} bytes"
                ));
            }
            let work = n.saturating_mul(r).saturating_mul(p);
            self.scrypt = self
                .scrypt
                .checked_sub(work)
                .ok_or_else(|| format!("scrypt with N = {n}, r = {r} and p = {p}"))?;
        }
        if let Some(p) = kdf.pbkdf2() {
            return self.spend_iterations(u64::from(p.iteration_count));
        }
        self.derivation()
    }

    /// Pays for an iterated digest or HMAC.
    pub(crate) fn spend_iterations(&mut self, count: u64) -> Result<(), String> {
        self.iterations = self
            .iterations
            .checked_sub(count)
            .ok_or_else(|| format!("{count} iterations of key derivation"))?;
        self.derivation()
    }

    fn derivation(&mut self) -> Result<(), String> {
        self.derivations = self
            .derivations
            .checked_sub(1)
            .ok_or_else(|| format!("more than {MAX_DERIVATIONS} encrypted parts"))?;
        Ok(())
    }
}
