//! The API's messages in JSON, as far as they are used (CSC API 2.0.0.2 clause 11; 1.0.4.0 clause
//! 11 where they differ). Unknown members are ignored.

use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub(crate) struct ErrorAnswer {
    pub(crate) error: String,
    pub(crate) error_description: Option<String>,
}

/// auth/login, and oauth2/token (RFC 6749 section 5.1)
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoginRequest {
    pub(crate) remember_me: bool,
}

/// credentials/list
#[derive(Serialize)]
pub(crate) struct ListRequest {}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListAnswer {
    #[serde(rename = "credentialIDs")]
    pub(crate) credential_ids: Vec<String>,
}

/// credentials/info
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InfoRequest<'a> {
    #[serde(rename = "credentialID")]
    pub(crate) credential_id: &'a str,
    pub(crate) certificates: &'a str,
    /// Version 2; in version 1 it is always there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth_info: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InfoAnswer {
    pub(crate) key: KeyInfo,
    pub(crate) cert: Option<CertInfo>,
    /// Version 2
    pub(crate) auth: Option<AuthInfo>,
    /// Version 1
    pub(crate) auth_mode: Option<String>,
    #[serde(rename = "SCAL")]
    pub(crate) scal: Option<String>,
    pub(crate) multisign: Option<u32>,
    /// Version 1
    #[serde(rename = "PIN")]
    pub(crate) pin: Option<FactorInfo>,
    /// Version 1
    #[serde(rename = "OTP")]
    pub(crate) otp: Option<FactorInfo>,
}

#[derive(Deserialize)]
pub(crate) struct KeyInfo {
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) algo: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct CertInfo {
    #[serde(default)]
    pub(crate) certificates: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct AuthInfo {
    pub(crate) mode: String,
    #[serde(default)]
    pub(crate) objects: Vec<AuthObject>,
}

#[derive(Deserialize)]
pub(crate) struct AuthObject {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) id: String,
}

#[derive(Deserialize)]
pub(crate) struct FactorInfo {
    pub(crate) presence: Option<String>,
}

/// credentials/authorize. Members of both versions; those of the other are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthorizeRequest<'a> {
    #[serde(rename = "credentialID")]
    pub(crate) credential_id: &'a str,
    pub(crate) num_signatures: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hashes: Option<&'a [String]>,
    #[serde(rename = "hash", skip_serializing_if = "Option::is_none")]
    pub(crate) hash_v1: Option<&'a [String]>,
    #[serde(rename = "hashAlgorithmOID", skip_serializing_if = "Option::is_none")]
    pub(crate) hash_algorithm_oid: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) auth_data: &'a [AuthData<'a>],
    #[serde(rename = "PIN", skip_serializing_if = "Option::is_none")]
    pub(crate) pin: Option<&'a str>,
    #[serde(rename = "OTP", skip_serializing_if = "Option::is_none")]
    pub(crate) otp: Option<&'a str>,
}

#[derive(Serialize)]
pub(crate) struct AuthData<'a> {
    pub(crate) id: &'a str,
    pub(crate) value: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthorizeAnswer {
    #[serde(rename = "SAD")]
    pub(crate) sad: Option<String>,
    pub(crate) expires_in: Option<u64>,
}

/// signatures/signHash. Members of both versions; those of the other are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignHashRequest<'a> {
    #[serde(rename = "credentialID")]
    pub(crate) credential_id: &'a str,
    #[serde(rename = "SAD")]
    pub(crate) sad: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hashes: Option<&'a [String]>,
    #[serde(rename = "hash", skip_serializing_if = "Option::is_none")]
    pub(crate) hash_v1: Option<&'a [String]>,
    #[serde(rename = "hashAlgorithmOID", skip_serializing_if = "Option::is_none")]
    pub(crate) hash_algorithm_oid: Option<&'a str>,
    #[serde(rename = "hashAlgo", skip_serializing_if = "Option::is_none")]
    pub(crate) hash_algo_v1: Option<&'a str>,
    pub(crate) sign_algo: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sign_algo_params: Option<&'a str>,
}

#[derive(Deserialize)]
pub(crate) struct SignHashAnswer {
    #[serde(default)]
    pub(crate) signatures: Vec<String>,
}
