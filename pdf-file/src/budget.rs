//! Limits on the work and memory a file can cause, whatever it claims about itself.
//!
//! Each limit has its own [`BudgetKind`](crate::BudgetKind) and surfaces as
//! [`PdfError::Budget`](crate::PdfError::Budget). The defaults leave an order of magnitude above
//! what real documents need.

/// The limits under which one file is read. [`Budgets::default`] suits services that open files
/// of strangers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budgets {
    /// Cross-reference entries, all sections together. Default 5,000,000 (about 120 MB).
    pub objects: usize,
    /// Cross-reference sections, that is tables and streams in the `/Prev` chain. Default 10,000.
    pub xref_sections: usize,
    /// Arrays and dictionaries inside each other in one object. Default 256; values above 512
    /// count as 512, which is what the stack is sized for.
    pub nesting_depth: usize,
    /// Bytes of the file that one object may take, its stream data not counted. Default 64 MiB.
    pub object_bytes: u64,
    /// Bytes of the file parsed in objects longer than 2 KiB, counted over the life of the
    /// [`PdfFile`](crate::PdfFile) and again whenever an object is parsed again. What stops
    /// objects that overlap, each as long as the file. Default 2 GiB.
    pub long_object_bytes: u64,
    /// Values (numbers, names, dictionaries, ...) in one object. Default 2,000,000.
    pub object_values: usize,
    /// Bytes one stream may decode to. Default 128 MiB.
    pub stream_bytes: u64,
    /// Bytes that all cross-reference and object streams together may take, decoded or as they are
    /// in the file, whichever is more; counted over the life of the
    /// [`PdfFile`](crate::PdfFile). Default 1 GiB.
    pub structure_bytes: u64,
    /// Filters applied to one stream. Default 16.
    pub filters: usize,
    /// Bytes looked at while searching for what a damaged file does not say: a missing
    /// cross-reference section, the end of a stream with a wrong `/Length`. Counted over the life
    /// of the [`PdfFile`](crate::PdfFile). Default 4 GiB.
    pub scan_bytes: u64,
    /// References followed from one reference to the next. Default 32.
    pub reference_hops: usize,
    /// Nodes of the page tree visited in one walk. Default 1,000,000.
    pub page_nodes: usize,
    /// Memory for parsed objects and decoded object streams kept for the next reader; estimated,
    /// not exact. Default 32 MiB.
    pub cache_bytes: usize,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            objects: 5_000_000,
            xref_sections: 10_000,
            nesting_depth: 256,
            object_bytes: 64 << 20,
            long_object_bytes: 2 << 30,
            object_values: 2_000_000,
            stream_bytes: 128 << 20,
            structure_bytes: 1 << 30,
            filters: 16,
            scan_bytes: 4 << 30,
            reference_hops: 32,
            page_nodes: 1_000_000,
            cache_bytes: 32 << 20,
        }
    }
}

impl Budgets {
    /// The nesting depth that is enforced (see [`Budgets::nesting_depth`]).
    pub(crate) fn depth(&self) -> usize {
        self.nesting_depth.min(512)
    }
}
