//! CAdES baseline signatures over any file (EN 319 122-1).
