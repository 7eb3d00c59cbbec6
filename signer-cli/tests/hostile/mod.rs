//! A network that misbehaves: a server, and an authority whose certificates point at it.

#![allow(unreachable_pub)]

pub mod office;
pub mod server;
