//! Says of one certificate after the other whether certval finds a path to the trust anchor (RFC 5280 section 6).
//!
//! Standard input has a question on each line, standard output gets an answer on each, both JSON, as
//! `pki-path/tests/common/judge.rs` says: `{"policies": [...]}` where there is a path, else `{"error": "..."}`.

#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::io::{BufRead, Write};

use certval::{
    CertFile, CertSource, CertVector, CertificationPath, CertificationPathResults,
    CertificationPathSettings, FinalValidPolicyTree, MemoryCrlSource, PDVCertificate,
    PkiEnvironment, TaSource, TimeOfInterest, check_revocation_local,
};
use serde_json::{Value, json};

const ANY_POLICY: &str = "2.5.29.32.0";

fn main() -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let answer = match judge(&question) {
            Ok(policies) => json!({ "policies": policies }),
            Err(error) => json!({ "error": error }),
        };
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

fn judge(question: &Value) -> Result<BTreeSet<String>, String> {
    let settings = settings(question)?;
    let target = octets(&question["target"])?;
    let target = PDVCertificate::try_from(target.as_slice()).map_err(shown)?;
    let mut environment = PkiEnvironment::default();
    environment.populate_5280_pki_environment();

    let mut anchors = TaSource::new();
    anchors.push(file(octets(&question["anchor"])?));
    anchors.initialize().map_err(shown)?;
    environment.add_trust_anchor_source(Box::new(anchors));

    let crls = MemoryCrlSource::new();
    for crl in list(&question["crls"]) {
        crls.add(&octets(crl)?);
    }
    environment.add_crl_source(Box::new(crls));

    let mut pool = CertSource::new();
    for certificate in list(&question["pool"]) {
        pool.push(file(octets(certificate)?));
    }
    pool.initialize(&settings).map_err(shown)?;
    pool.find_all_partial_paths(&environment, &settings);
    environment.add_certificate_source(Box::new(pool));

    let mut paths = Vec::new();
    let at = settings.get_time_of_interest();
    let found = environment.get_paths_for_target(&target, &mut paths, 0, at);
    let mut error = match found {
        Ok(()) => "no path".to_owned(),
        Err(why) => shown(why),
    };
    for path in &paths {
        match validate(&environment, &settings, path) {
            Ok(policies) => return Ok(policies),
            Err(why) => error = why,
        }
    }
    Err(error)
}

fn settings(question: &Value) -> Result<CertificationPathSettings, String> {
    let flag = |name: &str| question[name].as_bool().unwrap_or_default();
    let at = question["at"].as_u64().ok_or("no time")?;
    let mut policies: Vec<String> = list(&question["policies"])
        .iter()
        .filter_map(|p| p.as_str().map(str::to_owned))
        .collect();
    if policies.is_empty() {
        policies.push(ANY_POLICY.to_owned());
    }
    let mut settings = CertificationPathSettings::new();
    settings.set_time_of_interest(TimeOfInterest::from_unix_secs(at).map_err(shown)?);
    settings.set_initial_policy_set(policies);
    settings.set_initial_explicit_policy_indicator(flag("explicit_policy"));
    settings.set_initial_policy_mapping_inhibit_indicator(flag("inhibit_mapping"));
    settings.set_initial_inhibit_any_policy_indicator(flag("inhibit_any"));
    settings.set_check_revocation_status(flag("revocation"));
    // What a small key is worth is not the question.
    settings.set_min_rsa_modulus_bits(0);
    Ok(settings)
}

fn validate(
    environment: &PkiEnvironment,
    settings: &CertificationPathSettings,
    path: &CertificationPath,
) -> Result<BTreeSet<String>, String> {
    let mut results = CertificationPathResults::new();
    environment
        .validate_path(environment, settings, path, &mut results)
        .map_err(shown)?;
    check_revocation_local(environment, settings, path, &mut results).map_err(shown)?;
    let graph = results.get_final_valid_policy_graph().unwrap_or_default();
    Ok(user_constrained(&graph))
}

/// The policies right below anyPolicy (RFC 9618 section 5.5 (g)): certval has taken away what the initial set does not
/// allow, and leaves their collection to its caller.
fn user_constrained(graph: &FinalValidPolicyTree) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Some(last) = graph.last().filter(|row| !row.is_empty()) else {
        return found;
    };
    for (above, row) in graph.iter().zip(graph.iter().skip(1)) {
        let is_any =
            |node: &certval::ValidPolicyTreeNode| node.valid_policy.to_string() == ANY_POLICY;
        for node in row.iter().filter(|node| !is_any(node)) {
            let expected = above
                .iter()
                .any(|n| !is_any(n) && n.expected_policy_set.contains(&node.valid_policy));
            if !expected && above.iter().any(is_any) {
                found.insert(node.valid_policy.to_string());
            }
        }
    }
    if last
        .iter()
        .any(|n| n.valid_policy.to_string() == ANY_POLICY)
    {
        found.insert(ANY_POLICY.to_owned());
    }
    found
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn octets(value: &Value) -> Result<Vec<u8>, String> {
    hex::decode(value.as_str().unwrap_or_default()).map_err(shown)
}

fn file(bytes: Vec<u8>) -> CertFile {
    CertFile {
        filename: String::new(),
        bytes,
    }
}

fn shown(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}
