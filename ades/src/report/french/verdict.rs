//! What the verdict says (`ades/src/validate/verdict`).

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("the {} key of {}", "la clé {} de {}"),
    (
        "no proof would change this, only another policy or other algorithms",
        "aucune preuve n’y changerait rien, seulement une autre politique ou d’autres algorithmes",
    ),
    (
        "ask for it to be made again with another algorithm, or have it judged by a program that computes this one",
        "demandez qu’il soit refait avec un autre algorithme, ou faites juger par un programme qui calcule celui-ci",
    ),
    (
        "{}, with which the certificate of {} is signed,",
        "{}, avec lequel le certificat de {} est signé,",
    ),
    (
        "{}; that it is older does not help: {}",
        "{} ; qu’elle soit plus ancienne n’y change rien : {}",
    ),
    (
        "{}, with which it is signed,",
        "{}, avec lequel elle est signée,",
    ),
    (
        "revocation data of {} says that the certificate of {} was revoked, and whether it may be believed is not known: {}",
        "des données de révocation du {} disent que le certificat de {} a été révoqué, et on ne sait pas s’il faut les croire : {}",
    ),
    ("{}, with which the data is signed,", "{}, qui les signe,"),
    (
        "ask the issuer whether it was revoked",
        "demandez à l’émetteur s’il a été révoqué",
    ),
    (
        "the only revocation data about the certificate of {} (of {}) does not count: {}",
        "la seule donnée de révocation sur le certificat de {} (du {}) ne compte pas : {}",
    ),
    (
        "revocation data with another algorithm (run without --offline, or give it with --crl), or a proof that this data existed before {}, would change this",
        "des données de révocation avec un autre algorithme (relancez sans --offline, ou donnez-les avec --crl), ou une preuve que celles-ci existaient avant le {}, y changeraient quelque chose",
    ),
    (
        "revocation data with another algorithm would change this: run without --offline, or give it with --crl",
        "des données de révocation avec un autre algorithme y changeraient quelque chose : relancez sans --offline, ou donnez-les avec --crl",
    ),
    (
        "{}, by which the signature names its certificate,",
        "{}, par lequel la signature désigne son certificat,",
    ),
    (
        "the signature names its certificate by {}, which is not reliable any more (signing-certificate attribute of the first form)",
        "la signature désigne son certificat par {}, qui n’est plus fiable (attribut signing-certificate de la première forme)",
    ),
    (
        "the time-stamp of {} may be off by {} seconds, by its own word, and proves no time",
        "l’horodatage du {} peut s’écarter de {} secondes selon ses propres termes, et ne prouve aucune date",
    ),
    (
        "the time-stamp of {} may be off by {} seconds, by its own word, and counts as of {}",
        "l’horodatage du {} peut s’écarter de {} secondes selon ses propres termes, et compte à la date du {}",
    ),
    (
        "the trusted certificate of {} is for the time from {} to {} by its own dates, and was relied on for {}",
        "le certificat de confiance de {} vaut du {} au {} selon ses propres dates, et a servi pour le {}",
    ),
    (
        "trust it no longer, if whoever has its key should not be trusted any more",
        "retirez-lui votre confiance si le détenteur de sa clé ne doit plus l’avoir",
    ),
    (
        "{} is not reliable any more since {}",
        "{} n’est plus fiable depuis le {}",
    ),
    (
        "only a proof that the signature existed before {} would change this",
        "seule une preuve que la signature existait avant le {} y changerait quelque chose",
    ),
    (
        "the archive time-stamp of {} does not count: {}",
        "l’horodatage d’archivage du {} ne compte pas : {}",
    ),
    (
        "certificates or revocation values were added after the last archive time-stamp, which does not cover them",
        "des certificats ou des données de révocation ont été ajoutés après le dernier horodatage d’archivage, qui ne les couvre pas",
    ),
    (
        "renew it with sceau extend --to b-lta",
        "renouvelez-le avec sceau extend --to b-lta",
    ),
    (
        "asked in vain: {}; try again later, or give a CRL of {} with --crl",
        "interrogé en vain : {} ; réessayez plus tard, ou donnez une liste de révocation (CRL) de {} avec --crl",
    ),
    (
        "asked in vain: {}; try again later, or give the certificate of {} with --cert, and with --trust if you trust it",
        "interrogé en vain : {} ; réessayez plus tard, ou donnez le certificat de {} avec --cert, et avec --trust si vous lui faites confiance",
    ),
    ("{} and {} more", "{} et {} autres"),
    (
        "give a CRL of {} with --crl; what the certificate names is not fetched: {}",
        "donnez une liste de révocation (CRL) de {} avec --crl ; ce que le certificat indique n’est pas téléchargé : {}",
    ),
    (
        "give a CRL of {} with --crl",
        "donnez une liste de révocation (CRL) de {} avec --crl",
    ),
    (
        "run without --offline, or give a CRL with --crl; the certificate names {}",
        "relancez sans --offline, ou donnez une liste de révocation (CRL) avec --crl ; le certificat indique {}",
    ),
    (
        "whether the certificate of {} was revoked is not known: {}",
        "on ne sait pas si le certificat de {} a été révoqué : {}",
    ),
    (
        "the signature was made before its certificate was valid: {}",
        "la signature a été faite avant que son certificat ne soit valide : {}",
    ),
    (
        "no chain leads from the certificate to a trusted one: {}",
        "aucune chaîne ne mène du certificat à un certificat de confiance : {}",
    ),
    (
        "if you trust the issuer, give its root certificate with --trust, and certificates between with --cert",
        "si vous faites confiance à l’émetteur, donnez son certificat racine avec --trust, et les certificats intermédiaires avec --cert",
    ),
    (
        "and the signature is proven to exist only at {}",
        "et l’existence de la signature n’est prouvée qu’au {}",
    ),
    (
        "and nothing proves that the signature was made before",
        "et rien ne prouve que la signature ait été faite avant",
    ),
    (
        "the certificate of {} was revoked at {} ({}), {}",
        "le certificat de {} a été révoqué le {} ({}), {}",
    ),
    (
        "only a valid time-stamp made before {} would change this",
        "seul un horodatage valide antérieur au {} y changerait quelque chose",
    ),
    (
        "the certificate of {} is not for signing documents: {}",
        "le certificat de {} n’est pas destiné à signer des documents : {}",
    ),
    (
        "its keyUsage has neither digitalSignature nor nonRepudiation",
        "son keyUsage n’a ni digitalSignature ni nonRepudiation",
    ),
    (
        "its extendedKeyUsage is for servers, OCSP or time-stamps",
        "son extendedKeyUsage est fait pour des serveurs, l’OCSP ou des horodatages",
    ),
    (
        "what was signed has been changed: {}",
        "ce qui a été signé a été modifié : {}",
    ),
    (
        "ask for the file as it was signed, or give the right content",
        "demandez le fichier tel qu’il a été signé, ou donnez le bon contenu",
    ),
    (
        "give the signed file with --content",
        "donnez le fichier signé avec --content",
    ),
    (
        "the signature is not that of the certificate named: {}",
        "la signature n’est pas celle du certificat désigné : {}",
    ),
    (
        "the certificate of the signer ({}) is not at hand",
        "le certificat du signataire ({}) n’est pas disponible",
    ),
    ("give it with --cert", "donnez-le avec --cert"),
    (
        "{} is not as it was signed: {}",
        "{} n’est pas tel qu’il a été signé : {}",
    ),
    (
        "ask for the container as it was signed",
        "demandez le conteneur tel qu’il a été signé",
    ),
    ("{} cannot be checked: {}", "{} ne peut être vérifié : {}"),
    (
        "the signature does not cover its revision",
        "la signature ne couvre pas sa révision",
    ),
    (
        "what the signature covers is not what is shown: {}",
        "ce que la signature couvre n’est pas ce qui est affiché : {}",
    ),
    (
        "ask the signer for the document as it was signed",
        "demandez au signataire le document tel qu’il a été signé",
    ),
    (
        "only the revision that was signed is protected; ask the signer for it",
        "seule la révision signée est protégée ; demandez-la au signataire",
    ),
    ("annotations were added", "des annotations ont été ajoutées"),
    (
        "form fields or signatures were filled in, which its certification or lock forbids",
        "des champs de formulaire ou des signatures ont été remplis, ce que sa certification ou son verrou interdit",
    ),
    (
        "the document was changed after it was signed: {}",
        "le document a été modifié après avoir été signé : {}",
    ),
    (
        "the form field {}, which the signature locks, was changed or added after it",
        "le champ de formulaire {}, que la signature verrouille, a été modifié ou ajouté après elle",
    ),
    (
        "the certified document was changed: {}; a certification permits to sign in fields that were there",
        "le document certifié a été modifié : {} ; une certification permet de signer dans les champs déjà présents",
    ),
    (
        "the certification permits annotations, and one may pass for content: {}",
        "la certification permet des annotations, et l’une d’elles peut passer pour du contenu : {}",
    ),
    (
        "compare with the document as it was signed: --extract-revision",
        "comparez avec le document tel qu’il a été signé : --extract-revision",
    ),
    (
        "what was signed can be read in more than one way: {}",
        "ce qui a été signé peut se lire de plusieurs façons : {}",
    ),
    (
        "a revision that was appended after the signature changes what is shown",
        "une révision ajoutée après la signature change ce qui est affiché",
    ),
    (
        "changes of the kind {} were made, which are not permitted after this signature",
        "des modifications du genre {} ont été faites, qui ne sont pas permises après cette signature",
    ),
    (
        "the locked form field {} was changed or added",
        "le champ de formulaire verrouillé {} a été modifié ou ajouté",
    ),
    (
        "form fields or further signatures were filled in after this signature",
        "des champs de formulaire ou d’autres signatures ont été remplis après cette signature",
    ),
    (
        "annotations were added after this signature",
        "des annotations ont été ajoutées après cette signature",
    ),
    (
        "--diff tells what was changed, --extract-revision gives the document as it was signed",
        "--diff dit ce qui a été modifié, --extract-revision donne le document tel qu’il a été signé",
    ),
    ("the time-stamp of {}", "l’horodatage du {}"),
    (
        "the time-stamp is not as it should be: {}",
        "l’horodatage n’est pas comme il devrait être : {}",
    ),
    (
        "the time-stamp is of {}, which lies in the future",
        "l’horodatage est du {}, qui est dans l’avenir",
    ),
    (
        "there is no time-stamp token that could be checked",
        "il n’y a pas de jeton d’horodatage qui puisse être vérifié",
    ),
    (
        "the time-stamp of {} does not count: {}",
        "l’horodatage du {} ne compte pas : {}",
    ),
    (
        "when the signature was made is not proven by a valid time-stamp",
        "la date de la signature n’est prouvée par aucun horodatage valide",
    ),
    (
        "a time-stamp (level B-T) would prove it",
        "un horodatage (niveau B-T) la prouverait",
    ),
    (
        "a time-stamp cannot be read: {}",
        "un horodatage est illisible : {}",
    ),
    (
        "something that the signer declares cannot be read: {}",
        "une déclaration du signataire est illisible : {}",
    ),
    (
        "ask the publisher of the policy for the document",
        "demandez le document à qui publie la politique",
    ),
    (
        "the signature does not protect which certificate belongs to it (no signing-certificate attribute)",
        "la signature ne protège pas le lien avec son certificat (pas d’attribut signing-certificate)",
    ),
    (
        "a CAdES or PAdES signature does",
        "une signature CAdES ou PAdES le fait",
    ),
    (
        "the signer claims to have signed at {}, after the time-stamp of {}",
        "le signataire dit avoir signé le {}, après l’horodatage du {}",
    ),
    (
        "the signer claims to have signed at {}, which is after the time for which this is judged, {}",
        "le signataire dit avoir signé le {}, après la date pour laquelle on juge, {}",
    ),
    (
        "{} was asked in vain: {}",
        "{} a été interrogé en vain : {}",
    ),
    (
        "the signature has no time-stamp of its own",
        "la signature n’a pas d’horodatage propre",
    ),
    (
        "the container holds {}, which no signature covers",
        "le conteneur renferme {}, qu’aucune signature ne couvre",
    ),
    (
        "ask who put it there; the other files are as they were signed",
        "demandez qui l’y a mis ; les autres fichiers sont tels qu’ils ont été signés",
    ),
    (
        "the container holds {}, which no time-stamp and no evidence record covers",
        "le conteneur renferme {}, qu’aucun horodatage ni aucun enregistrement de preuve ne couvre",
    ),
    (
        "ask who put it there; the other files are as they were",
        "demandez qui l’y a mis ; les autres fichiers sont tels qu’ils étaient",
    ),
    (
        "there is no signature that could be checked",
        "il n’y a pas de signature qui puisse être vérifiée",
    ),
    (
        "the signing-certificate attribute names another certificate than the one whose key fits",
        "l’attribut signing-certificate désigne un autre certificat que celui dont la clé convient",
    ),
    (
        "a PAdES signature must name its certificate in a signed attribute, and this one does not",
        "une signature PAdES doit désigner son certificat dans un attribut signé, et celle-ci ne le fait pas",
    ),
];
