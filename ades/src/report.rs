//! The report of a validation: schema `sceau.verify/1`.
