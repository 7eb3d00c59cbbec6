//! Signed mail (`ades/src/validate/smime`), and what a validation policy asks for.

pub(super) const MAIL: &[(&str, &str)] = &[
    (
        "a Content-Type has a parameter in pieces, which not all readers put together",
        "un Content-Type a un paramètre en morceaux, que tous les lecteurs n’assemblent pas",
    ),
    (
        "a Content-Type has a parameter twice, and readers take the first or the last",
        "un Content-Type a un paramètre deux fois, et les lecteurs prennent le premier ou le dernier",
    ),
    (
        "a Content-Type is not well formed",
        "un Content-Type est mal formé",
    ),
    (
        "a boundary stands after a carriage return alone, which some readers take for a line end",
        "une frontière suit un retour chariot seul, que certains lecteurs prennent pour une fin de ligne",
    ),
    (
        "a boundary stands after the last one",
        "une frontière suit la dernière",
    ),
    (
        "a header continues in a line of nothing but spaces",
        "un en-tête se poursuit par une ligne qui n’est faite que d’espaces",
    ),
    (
        "a header has a line that is no field",
        "un en-tête a une ligne qui n’est pas un champ",
    ),
    (
        "a header has a space before a colon, where readers differ",
        "un en-tête a une espace avant un deux-points, où les lecteurs diffèrent",
    ),
    (
        "a header has control characters, at which readers end a line or do not",
        "un en-tête a des caractères de contrôle, où les lecteurs finissent une ligne ou non",
    ),
    (
        "a header says twice what its content is, and readers take the first or the last",
        "un en-tête dit deux fois ce qu’est son contenu, et les lecteurs prennent le premier ou le dernier",
    ),
    (
        "a line begins like a boundary and is none, where readers differ",
        "une ligne commence comme une frontière et n’en est pas une, où les lecteurs diffèrent",
    ),
    (
        "it cannot be cut into its parts: the boundary is missing, or the last one is",
        "on ne peut le découper en parties : la frontière manque, ou la dernière",
    ),
    ("it has no header", "il n’a pas d’en-tête"),
    (
        "it has no part with a signature",
        "il n’a pas de partie avec une signature",
    ),
    (
        "it has too many parts inside each other",
        "il a trop de parties imbriquées",
    ),
    (
        "only a part of the message is signed, and its reader sees all of it",
        "une partie seulement du message est signée, et son lecteur le voit en entier",
    ),
    (
        "save the message as it was received, with its header (.eml); mailing lists and gateways change messages",
        "enregistrez le message tel qu’il a été reçu, avec son en-tête (.eml) ; les listes de diffusion et les passerelles modifient les messages",
    ),
    (
        "text stands after the signature, which some readers show",
        "du texte suit la signature, que certains lecteurs montrent",
    ),
    (
        "text stands before the signed part, which some readers show",
        "du texte précède la partie signée, que certains lecteurs montrent",
    ),
    (
        "the message cannot be read: {}",
        "le message est illisible : {}",
    ),
    (
        "the second part does not say that it is a signature",
        "la seconde partie ne dit pas être une signature",
    ),
    (
        "the signature is not encoded as its header says",
        "la signature n’est pas codée comme le dit son en-tête",
    ),
    (
        "the signed part cannot be cut into its parts",
        "la partie signée ne peut être découpée en parties",
    ),
    (
        "the signed part has a header that is too long to be looked at",
        "la partie signée a un en-tête trop long pour être examiné",
    ),
    (
        "the signed part has too many parts inside each other to be looked at",
        "la partie signée a trop de parties imbriquées pour être examinée",
    ),
    (
        "there are more parts than the signed one and the signature",
        "il y a plus de parties que celle qui est signée et la signature",
    ),
];

pub(super) const POLICY: &[(&str, &str)] = &[
    (
        "its extendedKeyUsage has none that the policy accepts",
        "son extendedKeyUsage n’en a aucun que la politique accepte",
    ),
    (
        "its keyUsage has no digitalSignature",
        "son keyUsage n’a pas digitalSignature",
    ),
    (
        "its keyUsage has no nonRepudiation",
        "son keyUsage n’a pas nonRepudiation",
    ),
    (
        "judged as of {}, when the signer claims to have signed; nothing proves it, and the policy accepts it",
        "appréciée au {}, date à laquelle le signataire dit avoir signé ; rien ne le prouve, et la politique l’accepte",
    ),
    (
        "the document of the signature policy {} is not kept with the signature",
        "le document de la politique de signature {} n’est pas conservé avec la signature",
    ),
    (
        "ask the signer for the signature with the document of its policy",
        "demandez au signataire la signature avec le document de sa politique",
    ),
    (
        "the newest revocation data about the certificate of {} is of {}, and the policy asks for data of {} or later",
        "les données de révocation les plus récentes sur le certificat de {} sont du {}, et la politique en veut du {} ou d’après",
    ),
    (
        "the policy asks for a proof of when the signature was made, and there is none",
        "la politique veut une preuve de la date de la signature, et il n’y en a pas",
    ),
    (
        "the policy asks for a qualified certificate, and that of {} does not say that it is one",
        "la politique veut un certificat qualifié, et celui de {} ne dit pas en être un",
    ),
    (
        "the policy asks for a signature policy, and the signature names none",
        "la politique veut une politique de signature, et la signature n’en désigne aucune",
    ),
    (
        "the policy asks for a signed attribute that is not there: {}",
        "la politique veut un attribut signé qui n’est pas là : {}",
    ),
    (
        "the policy does not accept time-stamps under the policy {}",
        "la politique n’accepte pas les horodatages sous la politique {}",
    ),
    (
        "the policy does not accept time-stamps with {}",
        "la politique n’accepte pas les horodatages avec {}",
    ),
    (
        "the policy does not take a proof that the signature is older",
        "la politique n’admet pas de preuve que la signature soit plus ancienne",
    ),
    (
        "the signature was made under the signature policy {}, which the policy does not accept",
        "la signature a été faite sous la politique de signature {}, que la politique n’accepte pas",
    ),
    (
        "the {} attribute is there and not signed",
        "l’attribut {} est là et n’est pas signé",
    ),
    (
        "{} authorities stand between the signer and the trust anchor, and the policy permits {}",
        "{} autorités séparent le signataire du certificat de confiance, et la politique en permet {}",
    ),
    (
        "{} is not accepted by the policy",
        "{} n’est pas accepté par la politique",
    ),
    (
        "what was signed has to be signed anew with other algorithms",
        "ce qui a été signé doit l’être à nouveau avec d’autres algorithmes",
    ),
];

pub(super) const PAST: &[(&str, &str)] = &[
    (
        "a time-stamp (level B-T) would prove it: sceau extend",
        "un horodatage (niveau B-T) la prouverait : sceau extend",
    ),
    (
        "an archive time-stamp over the revocation data from before would change this",
        "un horodatage d’archivage sur les données de révocation d’avant y changerait quelque chose",
    ),
    (
        "fetch a newer CRL or OCSP response: run without --offline, or give one with --crl",
        "obtenez une liste de révocation (CRL) ou une réponse OCSP plus récente : relancez sans --offline, ou donnez-en une avec --crl",
    ),
    ("evidence records", "enregistrements de preuve"),
    (
        "an archive time-stamp of an earlier form in a counter-signature",
        "un horodatage d’archivage d’une forme antérieure dans une contre-signature",
    ),
    (
        "its evidence record does not count: {}",
        "son enregistrement de preuve ne compte pas : {}",
    ),
    (
        "its evidence records cannot be read: {}",
        "ses enregistrements de preuve sont illisibles : {}",
    ),
    ("its manifest names {}: {}", "son manifeste désigne {} : {}"),
    (
        "no revocation data about the certificate of {} is proven to be older than {}, when something above it ended: {}",
        "aucune donnée de révocation sur le certificat de {} n’est prouvée antérieure au {}, fin de quelque chose au-dessus de lui : {}",
    ),
    (
        "nothing proves that the certificate of {} existed before {}",
        "rien ne prouve que le certificat de {} existait avant le {}",
    ),
    (
        "nothing proves when the signature existed before now",
        "rien ne prouve que la signature existait avant maintenant",
    ),
    (
        "the certificate of {} was not revoked as of {}",
        "le certificat de {} n’était pas révoqué au {}",
    ),
    (
        "the certificate of {} was revoked at {} ({}), and the signature was made after {}",
        "le certificat de {} a été révoqué le {} ({}), et la signature a été faite après le {}",
    ),
    ("the certificate of {}", "le certificat de {}"),
    ("the content", "le contenu"),
    ("the data", "les données"),
    ("the signature", "la signature"),
    (
        "the signature holds a time-stamp of {} over its content, and is proven to have existed at {} already",
        "la signature contient un horodatage du {} sur son contenu, et son existence est prouvée dès le {}",
    ),
    (
        "the signature is proven to have existed at {} ({})",
        "l’existence de la signature est prouvée au {} ({})",
    ),
    (
        "the signature was made after {}, when its certificate had ended at {}",
        "la signature a été faite après le {}, alors que son certificat avait pris fin le {}",
    ),
    (
        "the time-stamp is of {}, and is proven to have existed at {} already",
        "l’horodatage est du {}, et son existence est prouvée dès le {}",
    ),
    (
        "what stands below had to be proven to be older than {}",
        "ce qui se trouve au-dessous devait être prouvé antérieur au {}",
    ),
];
