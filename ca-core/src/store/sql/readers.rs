//! Connections for questions, opened when all are in use and kept for the next question. Readers never
//! wait for the writer, nor it for them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Backend, Database, Identity, SqlError, Transaction};
use crate::store::{RecordName, StoreError};

/// The connections.
pub(super) struct Readers<B: Backend> {
    backend: Arc<B>,
    idle: Mutex<Idle<B::Connection>>,
}

/// Connections nobody uses now, all to one database.
struct Idle<C> {
    connections: Vec<C>,
    identity: Identity,
}

impl<B: Backend> Readers<B> {
    /// Checks that the record can be read.
    pub(super) fn open(backend: Arc<B>) -> Result<Self, StoreError> {
        // Before connecting: a record that is replaced in between is noticed by the next look.
        let identity = backend.identity()?;
        let connections = vec![backend.reader()?];
        Ok(Self {
            backend,
            idle: Mutex::new(Idle {
                connections,
                identity,
            }),
        })
    }

    pub(super) fn record(&self) -> RecordName {
        self.backend.record().clone()
    }

    /// Leaves connections to a record that another has replaced, as a restored backup does: they would
    /// answer from the old one for ever.
    pub(super) fn follow(&self) -> Result<(), StoreError> {
        let identity = self.backend.identity()?;
        let mut idle = self.idle();
        if idle.identity != identity {
            idle.connections.clear();
            idle.identity = identity;
        }
        Ok(())
    }

    pub(super) fn read<T>(
        &self,
        ask: impl FnOnce(&mut dyn Database) -> Result<T, SqlError>,
    ) -> Result<T, StoreError> {
        let (taken, identity) = {
            let mut idle = self.idle();
            let mut taken = idle.connections.pop();
            // A server that went away and came back has forgotten all of them.
            while taken
                .as_mut()
                .is_some_and(|connection| connection.is_lost())
            {
                taken = idle.connections.pop();
            }
            (taken, idle.identity)
        };
        let mut connection = match taken {
            Some(connection) => connection,
            None => self.backend.reader()?,
        };
        let answer = ask(&mut connection);
        if connection.is_idle() {
            let mut idle = self.idle();
            if idle.identity == identity {
                idle.connections.push(connection);
            }
        }
        Ok(answer?)
    }

    /// Everything that `ask` asks is answered as of one moment.
    pub(super) fn snapshot<T>(
        &self,
        ask: impl FnOnce(&mut dyn Database) -> Result<T, SqlError>,
    ) -> Result<T, StoreError> {
        self.read(|db| {
            db.begin(Transaction::Snapshot)?;
            let answer = ask(db);
            // A connection that cannot even end it is not used again.
            let _ = db.rollback();
            answer
        })
    }

    fn idle(&self) -> MutexGuard<'_, Idle<B::Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: Backend> core::fmt::Debug for Readers<B> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Readers").field(&self.backend).finish()
    }
}
