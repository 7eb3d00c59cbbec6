//! PAdES baseline signatures in PDF documents (EN 319 142-1).
