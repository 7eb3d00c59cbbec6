//! A time-stamping authority on a loopback port, honest or not.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use ades::cms::build::CmsSigner;
use der::asn1::{Int, OctetString};
use der::{Any, Decode, Encode};
use hsm_pkcs11::{OpenOptions, PinSource};
use pki_asn1::oid;
use pki_asn1::tsp::{GenTime, PkiFailureInfo, PkiStatusInfo, TimeStampReq, TimeStampResp, TstInfo};
use pki_asn1::{Certificate, Clock, SystemClock};

#[allow(dead_code)]
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Behaviour {
    Good,
    Html,
    WrongNonce,
    WrongImprint,
    Rejection,
    /// More bytes than any answer has.
    Endless,
}

pub(crate) struct Authority {
    tsu: CmsSigner,
    behaviour: Behaviour,
}

impl Authority {
    pub(crate) fn new(key: &Path, behaviour: Behaviour) -> Self {
        let pin = PinSource::Value(super::PASSPHRASE.to_owned().into());
        let location = key.to_str().unwrap().parse().unwrap();
        let opened = hsm_pkcs11::open(&location, &pin, &OpenOptions::default()).unwrap();
        let certificate = Certificate::from_der(opened.certificates[0].clone()).unwrap();
        Self {
            tsu: CmsSigner::new(opened.signer, certificate, &[]).unwrap(),
            behaviour,
        }
    }

    /// Serves until the test ends; gives its URL.
    #[allow(dead_code)]
    pub(crate) fn start(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tsa", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up on an endless answer is what is tested.
                let _ = self.serve(stream);
            }
        });
        url
    }

    #[allow(dead_code)]
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut request = Vec::new();
        let body = loop {
            let mut buffer = [0; 4096];
            let n = stream.read(&mut buffer)?;
            request.extend_from_slice(&buffer[..n]);
            let Some(end) = request.windows(4).position(|w| w == b"\r\n\r\n") else {
                continue;
            };
            let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
            let len: usize = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length:"))
                .map_or(0, |v| v.trim().parse().unwrap());
            if request.len() >= end + 4 + len {
                break request[end + 4..].to_vec();
            }
        };
        let (kind, answer) = match self.behaviour {
            Behaviour::Html => (
                "text/html",
                b"<!doctype html><title>Welcome</title>".to_vec(),
            ),
            Behaviour::Endless => ("application/timestamp-reply", vec![0x30; 3 << 20]),
            _ => ("application/timestamp-reply", self.answer(&body)),
        };
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            answer.len()
        )?;
        stream.write_all(&answer)
    }

    pub(crate) fn answer(&self, query: &[u8]) -> Vec<u8> {
        let mut query = TimeStampReq::from_der(query).unwrap();
        if self.behaviour == Behaviour::WrongImprint {
            query.message_imprint.hashed_message = OctetString::new([7; 32]).unwrap();
        }
        let rejected = self.behaviour == Behaviour::Rejection;
        let token = (!rejected).then(|| {
            let info = TstInfo {
                version: 1,
                policy: oid::POLICY_BTSP,
                message_imprint: query.message_imprint,
                serial_number: Int::new(&[1]).unwrap(),
                gen_time: GenTime(SystemClock.now().to_generalized()),
                accuracy: None,
                ordering: false,
                nonce: match self.behaviour {
                    Behaviour::WrongNonce => Some(Int::new(&[1, 2, 3]).unwrap()),
                    _ => query.nonce,
                },
                tsa: None,
                extensions: None,
            };
            let info = OctetString::new(info.to_der().unwrap()).unwrap();
            let digest = self.tsu.digest_algorithm().digest(info.as_bytes());
            let signed = self.tsu.sign(oid::CT_TST_INFO, &digest, &[]).unwrap();
            Any::from_der(&signed.attached(info.as_bytes())).unwrap()
        });
        TimeStampResp {
            status: PkiStatusInfo {
                status: if rejected { 2 } else { 0 },
                status_string: rejected.then(|| vec!["try a paid plan".into()]),
                fail_info: rejected.then(|| PkiFailureInfo::BadRequest.to_bit_string().unwrap()),
            },
            time_stamp_token: token,
        }
        .to_der()
        .unwrap()
    }
}
