//! Assembling `SignedData` in DER (RFC 5652 section 5).
