//! Key ceremonies: their events into the journal and back. The steps themselves are the engine's other
//! methods; the program that holds the ceremony calls them one by one.

use crate::engine::{Actors, CaEngine};
use crate::error::CaError;
use crate::hierarchy::HierarchyError;
use crate::hierarchy::ceremony::{CeremonyEvent, Recorded};
use crate::store::{Act, HierarchyAct};

impl CaEngine {
    /// The events of the ceremony that is or was held last with this script; none where it never began.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn ceremony(&self, script_sha256: &str) -> Result<Vec<Recorded>, CaError> {
        let all = self.store.ceremony(script_sha256)?;
        let last = all
            .iter()
            .rposition(|r| matches!(r.event, CeremonyEvent::Opened { .. }));
        Ok(last.map_or_else(Vec::new, |at| all[at..].to_vec()))
    }

    /// Records an event.
    ///
    /// # Errors
    /// Where the record cannot be written.
    pub fn record_ceremony(
        &self,
        script_sha256: &str,
        event: &CeremonyEvent,
        actors: &Actors,
    ) -> Result<Recorded, CaError> {
        let text = serde_json::to_string(event)
            .map_err(|e| HierarchyError::Ceremony(format!("an event cannot be written: {e}")))?;
        let at = self.now();
        let act = Act::Hierarchy(HierarchyAct::Ceremony {
            script_sha256: script_sha256.to_owned(),
            event: text,
        });
        // It is decided once, when it is opened; what follows is in the script.
        let mandate = match event {
            CeremonyEvent::Opened { .. } => self.mandate(self.order_to_hold(script_sha256), actors),
            _ => None,
        };
        let seq = self.commit_mandated(at, actors, act, mandate)?;
        Ok(Recorded {
            at,
            seq,
            event: event.clone(),
        })
    }
}
