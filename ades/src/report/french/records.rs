//! Evidence records, and time-stamps that are files of their own
//! (`ades/src/validate/{record,stamp,pkcs1}.rs`, `ades/src/evidence_record`).

pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "the hash tree is made with {} and the time-stamp's imprint with another digest algorithm",
        "l’arbre d’empreintes est fait avec {}, et l’horodatage avec un autre algorithme d’empreinte",
    ),
    (
        "/Cert is missing or holds no certificate",
        "/Cert manque ou ne contient pas de certificat",
    ),
    (
        "/Contents is no PKCS#1 signature: {}",
        "/Contents n’est pas une signature PKCS#1 : {}",
    ),
    ("a status that is not known", "un état qui n’est pas connu"),
    ("a warning of revocation", "un avertissement de révocation"),
    (
        "an archive time-stamp of {} follows one of {} that it should renew",
        "un horodatage d’archivage du {} suit celui du {} qu’il devrait renouveler",
    ),
    (
        "archive time-stamp {} cannot be read: {}",
        "l’horodatage d’archivage {} est illisible : {}",
    ),
    (
        "archive time-stamp {} of {}, of {}: {}",
        "horodatage d’archivage {} de {}, du {} : {}",
    ),
    (
        "archive time-stamp {}: {}",
        "horodatage d’archivage {} : {}",
    ),
    (
        "ask the time-stamp authority again",
        "interrogez à nouveau l’autorité d’horodatage",
    ),
    ("data after the evidence", "des données après la preuve"),
    (
        "give the data as it was encrypted",
        "donnez les données telles qu’elles ont été chiffrées",
    ),
    (
        "give the data that the record is about with --content, each file once",
        "donnez les données sur lesquelles porte l’enregistrement avec --content, chaque fichier une fois",
    ),
    ("granted with modifications", "accordé avec modifications"),
    ("it is no OCTET STRING", "ce n’est pas un OCTET STRING"),
    (
        "its digest algorithm is not supported",
        "son algorithme d’empreinte n’est pas pris en charge",
    ),
    (
        "its digestAlgorithms do not list {}, which it uses (RFC 4998 section 3.1)",
        "ses digestAlgorithms ne citent pas {}, dont il se sert (RFC 4998, section 3.1)",
    ),
    (
        "its evidence is of a kind that RFC 5544 leaves to others",
        "sa preuve est d’une espèce que la RFC 5544 laisse à d’autres",
    ),
    (
        "its hash is not in the record",
        "son empreinte n’est pas dans l’enregistrement",
    ),
    ("of no name", "sans nom"),
    (
        "something else follows the data and its evidence",
        "autre chose suit les données et leur preuve",
    ),
    (
        "something else follows the time-stamp in the file",
        "autre chose suit l’horodatage dans le fichier",
    ),
    (
        "the archive time-stamp is not over the one before it (RFC 4998 section 5.2)",
        "l’horodatage d’archivage ne porte pas sur celui qui le précède (RFC 4998, section 5.2)",
    ),
    (
        "the archive time-stamp is over something else than the data",
        "l’horodatage d’archivage porte sur autre chose que les données",
    ),
    (
        "the archive time-stamps of chain {} have different digest algorithms (RFC 4998 section 5.2)",
        "les horodatages d’archivage de la chaîne {} ont des algorithmes d’empreinte différents (RFC 4998, section 5.2)",
    ),
    (
        "the data that it is over is not at hand",
        "les données sur lesquelles il porte ne sont pas disponibles",
    ),
    (
        "the first archive time-stamp holds {} more hashes than objects were given: whether these are all of one group is not proven",
        "le premier horodatage d’archivage contient {} empreintes de plus que d’objets donnés : rien ne prouve que ceux-ci forment tout un groupe",
    ),
    (
        "the hash tree does not lead to what was time-stamped: a hash in it was exchanged, or the time-stamp",
        "l’arbre d’empreintes ne mène pas à ce qui a été horodaté : une de ses empreintes a été échangée, ou l’horodatage",
    ),
    (
        "the name and type of the data that stand beside it are not time-stamped",
        "le nom et le type des données qui l’accompagnent ne sont pas horodatés",
    ),
    (
        "the record is about data in encrypted form ({})",
        "l’enregistrement porte sur des données chiffrées ({})",
    ),
    (
        "the record is not about {}: archive time-stamp {}: {}",
        "l’enregistrement ne porte pas sur {} : horodatage d’archivage {} : {}",
    ),
    (
        "the response holds no time-stamp: {}",
        "la réponse ne contient pas d’horodatage : {}",
    ),
    (
        "the time-stamp is over something else",
        "l’horodatage porte sur autre chose",
    ),
    ("{} cannot be read: {}", "{} est illisible : {}"),
    ("{} is not at hand", "{} n’est pas disponible"),
];
