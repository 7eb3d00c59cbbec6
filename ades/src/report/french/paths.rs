//! Certificates, revocation and keys, as `pki-path` and `pki-crypto` say it.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("ECDSA with {}", "ECDSA avec {}"),
    ("RSA PKCS#1 v1.5 with {}", "RSA PKCS#1 v1.5 avec {}"),
    ("DSA with {}", "DSA avec {}"),
    ("RSA-PSS with {}", "RSA-PSS avec {}"),
    (
        "RSA-PSS with {}, MGF1 with {} and {} octets of salt",
        "RSA-PSS avec {}, MGF1 avec {} et {} octets de sel",
    ),
    (
        "certificate {} (serial {}): {}",
        "certificat {} (numéro de série {}) : {}",
    ),
    (
        "no certificate of its issuer {} is known",
        "aucun certificat de son émetteur {} n’est connu",
    ),
    (
        "no path leads from it to a trust anchor",
        "aucun chemin ne mène de lui à un certificat de confiance",
    ),
    (
        "the path is longer than {} certificates",
        "le chemin compte plus de {} certificats",
    ),
    (
        "validation was stopped: too many {}",
        "la validation a été arrêtée : trop de {}",
    ),
    (
        "its signature does not verify with the key of {}: {}",
        "sa signature ne se vérifie pas avec la clé de {} : {}",
    ),
    ("its key cannot be used: {}", "sa clé est inutilisable : {}"),
    (
        "it is valid only from {}, and the time is {}",
        "il n’est valide qu’à partir du {}, et la date est le {}",
    ),
    (
        "it expired at {}, and the time is {}",
        "il a expiré le {}, et la date est le {}",
    ),
    ("its issuer {} is not {}", "son émetteur {} n’est pas {}"),
    (
        "its extension {} is malformed",
        "son extension {} est mal formée",
    ),
    (
        "its extension {} is there more than once",
        "son extension {} s’y trouve plus d’une fois",
    ),
    (
        "its critical extension {} is not understood",
        "son extension critique {} n’est pas comprise",
    ),
    (
        "it is not a CA certificate, and another certificate was issued under it",
        "ce n’est pas un certificat d’autorité, et un autre certificat a été délivré sous lui",
    ),
    (
        "its keyUsage does not allow signing certificates",
        "son keyUsage ne permet pas de signer des certificats",
    ),
    (
        "more CA certificates follow below than pathLenConstraint allows",
        "plus de certificats d’autorité suivent que pathLenConstraint n’en permet",
    ),
    (
        "its name {} is outside the subtrees that the CA above may name",
        "son nom {} est hors des sous-arbres que l’autorité supérieure peut nommer",
    ),
    (
        "its name {} is inside a subtree that the CA above is excluded from",
        "son nom {} est dans un sous-arbre dont l’autorité supérieure est exclue",
    ),
    (
        "a name constraint of a form that cannot be evaluated applies to it",
        "une contrainte de nom d’une forme qui ne peut être évaluée s’y applique",
    ),
    (
        "its policyMappings maps from or to anyPolicy",
        "son policyMappings met anyPolicy en correspondance",
    ),
    (
        "no certificate policy that is required runs through the path",
        "aucune politique de certification exigée ne traverse le chemin",
    ),
    (
        "its extendedKeyUsage does not include {}",
        "son extendedKeyUsage ne comprend pas {}",
    ),
    (
        "its revocation status is not known: {}",
        "son état de révocation n’est pas connu : {}",
    ),
    ("it was revoked at {}", "il a été révoqué le {}"),
    (
        "give the certificate of {}, as a trust anchor if you trust it or as a further certificate if it leads to one",
        "donnez le certificat de {}, comme certificat de confiance si vous lui faites confiance, ou comme certificat intermédiaire s’il y mène",
    ),
    (
        "give the root certificate that you trust, or the missing certificates between",
        "donnez le certificat racine auquel vous faites confiance, ou les certificats intermédiaires qui manquent",
    ),
    (
        "a proof that the signature existed before {} would change this",
        "une preuve que la signature existait avant le {} y changerait quelque chose",
    ),
    (
        "check the clock; the certificate begins at {}",
        "vérifiez l’horloge ; le certificat commence le {}",
    ),
    (
        "accept another policy, or do not require an explicit policy",
        "acceptez une autre politique, ou n’exigez pas de politique explicite",
    ),
    (
        "offer fewer certificates, or raise the budget for input you trust",
        "proposez moins de certificats, ou relevez la limite pour des données de confiance",
    ),
    (
        "no CRL or OCSP response for certificates of {} was found",
        "aucune liste de révocation (CRL) ni réponse OCSP pour les certificats de {} n’a été trouvée",
    ),
    (
        "the newest {} (of {}) is not current at {}",
        "l’information la plus récente ({} du {}) n’est pas à jour au {}",
    ),
    (
        "the {} cannot be trusted: {}",
        "{} : pas digne de confiance, {}",
    ),
    ("OCSP response", "réponse OCSP"),
    (
        "{}, with which it is signed, is not reliable any more since {}",
        "{}, avec lequel elle est signée, n’est plus fiable depuis le {}",
    ),
    (
        "the CRLs at hand do not cover the certificate for all reasons",
        "les listes de révocation disponibles ne couvrent pas le certificat pour tous les motifs",
    ),
    (
        "the OCSP responder answers that it does not know the certificate",
        "le répondeur OCSP répond qu’il ne connaît pas le certificat",
    ),
    (
        "give a CRL or OCSP response; the certificate names {}",
        "donnez une liste de révocation (CRL) ou une réponse OCSP ; le certificat indique {}",
    ),
    (
        "give a CRL of {}",
        "donnez une liste de révocation (CRL) de {}",
    ),
    (
        "fetch a newer CRL or OCSP response",
        "obtenez une liste de révocation (CRL) ou une réponse OCSP plus récente",
    ),
    (
        "give the other CRLs that the certificate's distribution points name",
        "donnez les autres listes de révocation (CRL) que le certificat indique",
    ),
    (
        "give the certificate that signed it, or evidence signed by the CA",
        "donnez le certificat qui l’a signée, ou une preuve signée par l’autorité",
    ),
    (
        "{} proves nothing: its digest is broken",
        "{} ne prouve rien : son empreinte est cassée",
    ),
    (
        "the signature algorithm inside the signed part differs from the one outside",
        "l’algorithme de signature dans la partie signée diffère de celui du dehors",
    ),
    (
        "{} keys are too weak: {}",
        "les clés {} sont trop faibles : {}",
    ),
    (
        "signature algorithm {} is not supported",
        "l’algorithme de signature {} n’est pas pris en charge",
    ),
    (
        "RSASSA-PSS parameters are not supported: {}",
        "ces paramètres RSASSA-PSS ne sont pas pris en charge : {}",
    ),
    (
        "public key is malformed: {}",
        "la clé publique est mal formée : {}",
    ),
    (
        "public key algorithm {} is not supported",
        "l’algorithme de clé publique {} n’est pas pris en charge",
    ),
    (
        "elliptic curve {} is not supported",
        "la courbe elliptique {} n’est pas prise en charge",
    ),
    (
        "the signature value does not fit the signed bytes and the key",
        "la valeur de signature ne correspond pas aux octets signés et à la clé",
    ),
    (
        "a signature of {} cannot come from a {} key",
        "une signature {} ne peut venir d’une clé {}",
    ),
    (
        "{} with a {} key is not supported",
        "{} avec une clé {} n’est pas pris en charge",
    ),
    (
        "a {} digest was given where {} was to be verified",
        "une empreinte {} a été donnée où {} était à vérifier",
    ),
];
