//! Modules: each library is loaded and initialised once in a process and stays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, Weak};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki_sys::CK_SESSION_HANDLE;

use super::call;
use super::single_part::SinglePart;
use super::token::{Identity, Token};
use crate::open::{MODULE_VARIABLE, OpenOptions};
use crate::token_error::TokenError;
use crate::uri::Pkcs11Uri;

/// A PKCS#11 library that runs in this process.
pub(super) struct Module {
    pub(super) path: PathBuf,
    pub(super) pkcs11: Pkcs11,
    /// Held to read while signing and to write for everything else: SoftHSM 2.6.1 crashes where
    /// sessions open or close while others sign, in any of its tokens, and can lose sight of a token
    /// where keys are made and looked for at the same time.
    pub(super) gate: RwLock<()>,
    tokens: Mutex<BTreeMap<Identity, Weak<Token>>>,
    living: Mutex<Living>,
    single_part: OnceLock<Option<SinglePart>>,
}

/// The sessions that are open as far as is known.
#[derive(Default)]
struct Living {
    /// Counts the times all sessions of the module were found dead.
    epoch: u64,
    handles: BTreeSet<CK_SESSION_HANDLE>,
}

static MODULES: Mutex<BTreeMap<PathBuf, Arc<Module>>> = Mutex::new(BTreeMap::new());

/// The module a URI asks for, running.
pub(super) fn module(uri: &Pkcs11Uri, options: &OpenOptions) -> Result<Arc<Module>, TokenError> {
    let path = locate(uri, options)?;
    let key = match path.canonicalize() {
        Ok(canonical) => canonical,
        // A bare name is looked up by the loader.
        Err(_) if path.components().count() == 1 => path.clone(),
        Err(_) => return Err(TokenError::ModuleMissing(path)),
    };
    let mut modules = lock(&MODULES);
    if let Some(module) = modules.get(&key) {
        return Ok(Arc::clone(module));
    }
    let module = Arc::new(Module {
        pkcs11: start(&path)?,
        path,
        gate: RwLock::new(()),
        tokens: Mutex::default(),
        living: Mutex::default(),
        single_part: OnceLock::new(),
    });
    modules.insert(key, Arc::clone(&module));
    Ok(module)
}

impl Module {
    /// Starts the module again after another part of the process finalised it. The caller holds the
    /// gate.
    pub(super) fn ensure_running(&self) -> Result<(), TokenError> {
        match self.pkcs11.get_library_info() {
            Err(Error::Pkcs11(RvError::CryptokiNotInitialized, _)) => {
                lock(&self.living).all_died();
                initialise(&self.pkcs11, &self.path)
            }
            // Whatever else is wrong shows in the calls that matter.
            _ => Ok(()),
        }
    }

    /// Takes note of a session that was opened, and tells the epoch it lives in. A handle that another
    /// living session has shows that all of those died unnoticed, as when another part of the process
    /// started the module anew: numbers begin again then, and a worker that used or closed its old
    /// number would use or close the new session.
    pub(super) fn opened(&self, handle: CK_SESSION_HANDLE) -> u64 {
        let mut living = lock(&self.living);
        if !living.handles.insert(handle) {
            living.all_died();
            living.handles.insert(handle);
        }
        living.epoch
    }

    /// Takes note of a session that is closed or given up.
    pub(super) fn gone(&self, handle: CK_SESSION_HANDLE, epoch: u64) {
        let mut living = lock(&self.living);
        if living.epoch == epoch {
            living.handles.remove(&handle);
        }
    }

    /// Counts the times all sessions died.
    pub(super) fn epoch(&self) -> u64 {
        lock(&self.living).epoch
    }

    /// The module's C_Sign.
    pub(super) fn single_part(&self) -> Option<SinglePart> {
        *self.single_part.get_or_init(|| SinglePart::of(&self.path))
    }

    /// The token of this identity, shared between all keys that are open in it.
    pub(super) fn token(self: &Arc<Self>, identity: Identity) -> Arc<Token> {
        let mut tokens = lock(&self.tokens);
        tokens.retain(|_, token| token.strong_count() > 0);
        if let Some(token) = tokens.get(&identity).and_then(Weak::upgrade) {
            return token;
        }
        let token = Arc::new(Token::new(Arc::clone(self), identity.clone()));
        tokens.insert(identity, Arc::downgrade(&token));
        token
    }
}

impl Living {
    fn all_died(&mut self) {
        self.epoch += 1;
        self.handles.clear();
    }
}

/// Locks; a thread that panicked while it held the lock left nothing half-done in our maps.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn locate(uri: &Pkcs11Uri, options: &OpenOptions) -> Result<PathBuf, TokenError> {
    if let Some(path) = &uri.module_path {
        return Ok(path.clone());
    }
    if let Some(name) = &uri.module_name {
        return find_by_name(name);
    }
    options
        .module
        .clone()
        .or_else(|| {
            std::env::var_os(MODULE_VARIABLE)
                .filter(|v| !v.is_empty())
                .map(Into::into)
        })
        .ok_or_else(|| TokenError::ModuleUnnamed {
            key: uri.to_string(),
        })
}

/// RFC 7512 leaves to us where `module-name` is looked for: where distributions put modules.
fn find_by_name(name: &str) -> Result<PathBuf, TokenError> {
    let triple = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let mut folders = Vec::new();
    for base in [triple.as_str(), "/usr/lib64", "/usr/lib", "/usr/local/lib"] {
        for below in ["", "/pkcs11", "/softhsm"] {
            folders.push(format!("{base}{below}"));
        }
    }
    folders
        .iter()
        .flat_map(|folder| {
            [format!("lib{name}.so"), format!("{name}.so")].map(|f| Path::new(folder).join(f))
        })
        .find(|path| path.is_file())
        .ok_or_else(|| TokenError::ModuleNotFound {
            name: name.to_owned(),
            searched: folders.join(", "),
        })
}

fn start(path: &Path) -> Result<Pkcs11, TokenError> {
    let pkcs11 = Pkcs11::new(path).map_err(|error| TokenError::ModuleInvalid {
        path: path.to_owned(),
        reason: match error {
            Error::LibraryLoading(e) => e.to_string(),
            Error::MissingSymbol(name) => format!("it has no function {name}"),
            other => call::call(&other).to_string(),
        },
    })?;
    initialise(&pkcs11, path)?;
    Ok(pkcs11)
}

fn initialise(pkcs11: &Pkcs11, path: &Path) -> Result<(), TokenError> {
    match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // Another part of the process was first.
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        Err(error) => Err(TokenError::ModuleStart {
            path: path.to_owned(),
            call: call::call(&error),
        }),
    }
}
