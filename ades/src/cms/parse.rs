//! Reading `SignedData` with its original bytes (RFC 5652 section 5).
