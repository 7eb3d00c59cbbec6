//! Bounds on the work that foreign certificates can cause. A hostile pool can make path building
//! exponential and name constraints quadratic; each kind of work has its own bound and error.

use core::cell::Cell;
use core::fmt;

/// How much work one validation may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Budget {
    /// Signatures verified, over certificates, CRLs and OCSP responses.
    pub signatures: u32,
    /// Complete paths tried.
    pub paths: u32,
    /// Certificates considered as an issuer.
    pub candidates: u32,
    /// Comparisons of a name with a name constraint.
    pub name_comparisons: u32,
    /// Nodes and edges of the policy graph.
    pub policy_nodes: u32,
    /// Certificates in one path, the target and the certificates between it and the anchor.
    pub path_length: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            signatures: 1_000,
            paths: 100,
            candidates: 10_000,
            name_comparisons: 250_000,
            policy_nodes: 20_000,
            path_length: 20,
        }
    }
}

/// Which bound was reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum BudgetKind {
    Signatures,
    Paths,
    Candidates,
    NameComparisons,
    PolicyNodes,
}

impl fmt::Display for BudgetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signatures => "signatures verified",
            Self::Paths => "paths tried",
            Self::Candidates => "issuers considered",
            Self::NameComparisons => "name constraint comparisons",
            Self::PolicyNodes => "policy graph nodes",
        })
    }
}

/// What is left of a [`Budget`].
#[derive(Debug)]
pub(crate) struct Meter {
    signatures: Cell<u32>,
    paths: Cell<u32>,
    candidates: Cell<u32>,
    name_comparisons: Cell<u32>,
    policy_nodes: Cell<u32>,
    pub(crate) path_length: usize,
}

impl Meter {
    pub(crate) fn new(budget: &Budget) -> Self {
        Self {
            signatures: Cell::new(budget.signatures),
            paths: Cell::new(budget.paths),
            candidates: Cell::new(budget.candidates),
            name_comparisons: Cell::new(budget.name_comparisons),
            policy_nodes: Cell::new(budget.policy_nodes),
            path_length: budget.path_length as usize,
        }
    }

    pub(crate) fn spend(&self, kind: BudgetKind) -> Result<(), BudgetKind> {
        let cell = match kind {
            BudgetKind::Signatures => &self.signatures,
            BudgetKind::Paths => &self.paths,
            BudgetKind::Candidates => &self.candidates,
            BudgetKind::NameComparisons => &self.name_comparisons,
            BudgetKind::PolicyNodes => &self.policy_nodes,
        };
        cell.set(cell.get().checked_sub(1).ok_or(kind)?);
        Ok(())
    }
}
