//! Many documents in one run: where they come from, and how the run is stopped. What is done with them is for
//! the commands to say.

pub(crate) mod source;
pub(crate) mod stop;
