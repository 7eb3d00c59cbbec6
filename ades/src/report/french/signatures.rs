//! What is found in signatures, tokens and containers (`ades/src/validate/{cms,signer,token,asic,gather}.rs`).

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("it has no mimetype file", "il n’a pas de fichier mimetype"),
    ("its mimetype file says {}", "son fichier mimetype dit {}"),
    (
        "an ASiC-S container holds one file, and this one holds {}",
        "un conteneur ASiC-S renferme un seul fichier, et celui-ci en renferme {}",
    ),
    (
        "{} belongs to {}, which is not there",
        "{} se rapporte à {}, qui n’est pas là",
    ),
    (
        "two manifests name this signature",
        "deux manifestes désignent cette signature",
    ),
    (
        "no manifest names this signature",
        "aucun manifeste ne désigne cette signature",
    ),
    (
        "the signature carries content of its own",
        "la signature porte un contenu qui lui est propre",
    ),
    (
        "{} is no CMS signature: {}",
        "{} n’est pas une signature CMS : {}",
    ),
    (
        "the time-stamp {} is not in the container",
        "l’horodatage {} n’est pas dans le conteneur",
    ),
    (
        "{} is no time-stamp token: {}",
        "{} n’est pas un jeton d’horodatage : {}",
    ),
    (
        "it is not in the container",
        "il n’est pas dans le conteneur",
    ),
    (
        "digest algorithm {} is not supported",
        "l’algorithme d’empreinte {} n’est pas pris en charge",
    ),
    (
        "its digest is not the one in the manifest",
        "son empreinte n’est pas celle du manifeste",
    ),
    (
        "it has signatures in XML (XAdES), which are not verified",
        "il a des signatures en XML (XAdES), qui ne sont pas vérifiées",
    ),
    (
        "no manifest names the time-stamp {}, which was not looked at",
        "aucun manifeste ne désigne l’horodatage {}, qui n’a pas été examiné",
    ),
    ("signatures and manifests", "signatures et manifestes"),
    ("octets in META-INF", "octets dans META-INF"),
    (
        "octets of names in its manifests, counted for each signature",
        "octets de noms dans ses manifestes, comptés pour chaque signature",
    ),
    ("octets to be hashed", "octets dont calculer l’empreinte"),
    (
        "a part that holds others is encoded as a whole, which not all readers undo",
        "une partie qui en contient d’autres est encodée dans son ensemble, ce que tous les lecteurs ne défont pas",
    ),
    (
        "what is signed only says where its content is",
        "ce qui est signé dit seulement où se trouve son contenu",
    ),
    (
        "a boundary has characters that it must not have, and readers look for another one",
        "une délimitation a des caractères interdits, et des lecteurs en cherchent une autre",
    ),
    (
        "what is signed is itself signed, encrypted or packed, which is not looked into",
        "ce qui est signé est lui-même signé, chiffré ou compressé, ce qui n’est pas examiné",
    ),
    (
        "something else follows the signature in the file",
        "autre chose suit la signature dans le fichier",
    ),
    (
        "an archive time-stamp of an earlier form ({}) is not supported",
        "un horodatage d’archivage d’une forme antérieure ({}) n’est pas pris en charge",
    ),
    (
        "it does not have exactly one signer",
        "il n’a pas exactement un signataire",
    ),
    (
        "the signed content cannot be read: {}",
        "le contenu signé est illisible : {}",
    ),
    (
        "counter-signatures of counter-signatures",
        "contre-signatures de contre-signatures",
    ),
    (
        "of {} time-stamps of one kind the first {} are looked at",
        "des {} horodatages d’un même genre, les {} premiers sont examinés",
    ),
    (
        "the signature carries a policy document and names no policy",
        "la signature porte un document de politique et ne désigne aucune politique",
    ),
    (
        "the signature policy kept with the signature is not the one it was made under",
        "la politique conservée avec la signature n’est pas celle sous laquelle elle a été faite",
    ),
    ("the file cannot be read", "le fichier est illisible"),
    ("the file is empty", "le fichier est vide"),
    ("the PDF cannot be read", "le PDF est illisible"),
    (
        "the signature has content inside, and it is not the content that was given",
        "la signature renferme un contenu, et ce n’est pas celui qui a été donné",
    ),
    (
        "the file is too large for a signature that is not a PDF ({} octets)",
        "le fichier est trop grand pour une signature qui n’est pas un PDF ({} octets)",
    ),
    (
        "a signature that takes so much to read is taken for hostile; ask for one with less in it",
        "une signature aussi coûteuse à lire passe pour hostile ; demandez-en une qui renferme moins",
    ),
    (
        "give the signature file (.p7s); what it signs goes with it as the content",
        "donnez le fichier de signature (.p7s) ; ce qu’il signe l’accompagne comme contenu",
    ),
    (
        "leave --content away to ask about what is inside; who sent the two can say which of them was meant",
        "omettez --content pour interroger ce qui est à l’intérieur ; qui a envoyé les deux peut dire lequel était visé",
    ),
    (
        "the signature is not looked into",
        "la signature n’a pas été examinée",
    ),
    (
        "the file is neither a PDF nor a CMS signature nor an ASiC container",
        "le fichier n’est ni un PDF, ni une signature CMS, ni un conteneur ASiC",
    ),
    (
        "a /DocTimeStamp must have the /SubFilter ETSI.RFC3161",
        "un /DocTimeStamp doit avoir le /SubFilter ETSI.RFC3161",
    ),
    (
        "/Contents is no time-stamp token: {}",
        "/Contents n’est pas un jeton d’horodatage : {}",
    ),
    (
        "/Contents is no CMS signature: {}",
        "/Contents n’est pas une signature CMS : {}",
    ),
    (
        "/SubFilter {} is not supported",
        "/SubFilter {} n’est pas pris en charge",
    ),
    (
        "the CMS signature does not have exactly one signer",
        "la signature CMS n’a pas exactement un signataire",
    ),
    (
        "adbe.pkcs7.sha1 without the digest inside",
        "adbe.pkcs7.sha1 sans l’empreinte à l’intérieur",
    ),
    (
        "the CMS signature carries content of its own instead of signing the document",
        "la signature CMS porte un contenu propre au lieu de signer le document",
    ),
    (
        "the SHA-1 digest of the document is not the one that was signed",
        "l’empreinte SHA-1 du document n’est pas celle qui a été signée",
    ),
    (
        "/Contents holds something else after the signature",
        "/Contents renferme autre chose après la signature",
    ),
    ("not checked", "non vérifié"),
    (
        "the signed bytes cannot be read: {}",
        "les octets signés sont illisibles : {}",
    ),
    (
        "the signed content is not at hand",
        "le contenu signé n’est pas disponible",
    ),
    (
        "the {} digest of the content is not the one that was signed",
        "l’empreinte {} du contenu n’est pas celle qui a été signée",
    ),
    (
        "there is no usable message-digest attribute",
        "il n’y a pas d’attribut message-digest utilisable",
    ),
    (
        "the content is the signed attributes of another signature, not what its signer saw",
        "le contenu est formé des attributs signés d’une autre signature, et non de ce que son signataire a vu",
    ),
    (
        "the signer's certificate is not at hand",
        "le certificat du signataire n’est pas disponible",
    ),
    (
        "the key's parameters are those of its issuer, which is no trusted certificate",
        "les paramètres de la clé sont ceux de son émetteur, qui n’est pas un certificat de confiance",
    ),
    (
        "signed attributes are missing although the content is not id-data",
        "les attributs signés manquent alors que le contenu n’est pas id-data",
    ),
    (
        "its TSTInfo is not of version 1 (RFC 3161 section 2.4.2)",
        "son TSTInfo n’est pas de la version 1 (RFC 3161 section 2.4.2)",
    ),
    (
        "its TSTInfo has a critical extension that is not known (RFC 3161 section 2.4.2)",
        "son TSTInfo porte une extension critique inconnue (RFC 3161 section 2.4.2)",
    ),
    (
        "the counter-signature cannot be read: {}",
        "la contre-signature est illisible : {}",
    ),
    (
        "a counter-signature must not have a content-type attribute",
        "une contre-signature ne doit pas avoir d’attribut content-type",
    ),
    (
        "the content-type attribute does not name the content's type",
        "l’attribut content-type ne désigne pas le type du contenu",
    ),
    (
        "the {} attribute does not have exactly one value",
        "l’attribut {} n’a pas exactement une valeur",
    ),
    (
        "the {} attribute is there more than once",
        "l’attribut {} s’y trouve plus d’une fois",
    ),
    (
        "cmsAlgorithmProtection names other algorithms than the signer",
        "cmsAlgorithmProtection désigne d’autres algorithmes que le signataire",
    ),
    ("serial {} of {}", "numéro de série {} de {}"),
    ("subject key identifier {}", "identifiant de clé {}"),
    (
        "its content is no TSTInfo",
        "son contenu n’est pas un TSTInfo",
    ),
    ("its content is missing", "son contenu manque"),
    ("its TSTInfo is malformed", "son TSTInfo est mal formé"),
    (
        "the token lacks the signing-certificate attribute (RFC 3161 section 2.4.2)",
        "le jeton n’a pas d’attribut signing-certificate (RFC 3161, section 2.4.2)",
    ),
    (
        "the token's signing-certificate attribute names another certificate (RFC 5816)",
        "l’attribut signing-certificate du jeton désigne un autre certificat (RFC 5816)",
    ),
    (
        "its time {} lies outside the validity of its certificate ({} to {})",
        "son heure, le {}, est hors de la validité de son certificat (du {} au {})",
    ),
    (
        "the certificate's keyUsage is not digitalSignature or nonRepudiation alone (RFC 5280 section 4.2.1.12)",
        "le keyUsage du certificat n’est pas digitalSignature ou nonRepudiation seuls (RFC 5280, section 4.2.1.12)",
    ),
    (
        "the certificate's extendedKeyUsage is not timeStamping alone and critical (RFC 3161 section 2.3)",
        "l’extendedKeyUsage du certificat n’est pas timeStamping seul et critique (RFC 3161, section 2.3)",
    ),
    (
        "the time-stamp is over something else than what it is attached to",
        "l’horodatage porte sur autre chose que ce à quoi il est attaché",
    ),
    (
        "what was time-stamped is not at hand",
        "ce qui a été horodaté n’est pas disponible",
    ),
    (
        "what was time-stamped cannot be read: {}",
        "ce qui a été horodaté est illisible : {}",
    ),
];
