//! What foreign tools say of a container.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::long_term::World;

const XMLDSIG: &str = "http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd";

/// Foreign tools judge the container; gives Python's report.
pub(crate) fn foreign(world: &World, container: &[u8]) -> Option<serde_json::Value> {
    world.pki.write("judged.asice", container);
    let Some(python) = std::env::var_os("SCEAU_PYTHON") else {
        eprintln!("skipped: SCEAU_PYTHON is not set");
        return None;
    };
    let folder = world.path("unpacked");
    let _ = fs::remove_dir_all(&folder);
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/asic.py"))
        .args([world.path("judged.asice"), folder.clone()])
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for (name, manifest) in report["manifests"].as_object().unwrap() {
        let signature = manifest["signature"].as_str().unwrap();
        if signature.ends_with(".p7s") {
            world.pki.run(&format!("cms -verify -cades -binary -inform DER -in unpacked/{signature} -content unpacked/{name} -CAfile root.pem -certfile ca.pem -out /dev/null"));
        } else {
            world.pki.run(&format!("ts -verify -token_in -in unpacked/{signature} -data unpacked/{name} -CAfile root.pem -untrusted ca.pem"));
        }
        if let Some(xsd) = xsd() {
            // The schema of signatures in XML, from beside it instead of the network.
            let catalog = format!(
                "<catalog xmlns=\"urn:oasis:names:tc:entity:xmlns:xml:catalog\"><system systemId=\"{XMLDSIG}\" uri=\"file://{}\"/></catalog>",
                fs::canonicalize(xsd.join("specs-xmldsig/xmldsig-core-schema.xsd"))
                    .unwrap()
                    .display()
            );
            world.pki.write("catalog.xml", catalog.as_bytes());
            let output = Command::new("xmllint")
                .args(["--noout", "--nonet", "--schema"])
                .arg(xsd.join("specs-asic-manifest/en_31916201v010101.xsd"))
                .arg(folder.join(name))
                .env("XML_CATALOG_FILES", world.path("catalog.xml"))
                .output()
                .unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name}: {error}");
        }
    }
    Some(report)
}

fn xsd() -> Option<PathBuf> {
    let corpora = std::env::var_os("SCEAU_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let xsd = corpora.join("xsd");
    if !xsd.exists() || Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("skipped: corpus or xmllint not found");
        return None;
    }
    Some(xsd)
}
