//! Validation: facts first, then a verdict (EN 319 102-1).
