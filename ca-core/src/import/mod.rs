//! Taking over what another certification authority issued and revoked, so that its status continues.
