"""All texts of the page in Portuguese and English, and the choice of the language."""

from __future__ import annotations

from typing import Final, Literal

from gerador.service.status import State

LANGUAGE_COOKIE: Final = "gerador-language"
Language = Literal["pt", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("pt", "en")
BROWSER_LANGUAGE: Final[dict[Language, Literal["pt-BR", "en-US"]]] = {"pt": "pt-BR", "en": "en-US"}
"""What the page says of its language to the browser."""
DEFAULT_LANGUAGE: Final[Language] = "en"
QUALITY_MAX: Final = 1.0

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # What stands at the top.
    "stream": ("stream", "stream"),
    "language": ("idioma", "language"),
    "theme": ("tema", "theme"),
    "theme_auto": ("auto", "auto"),
    "theme_light": ("claro", "light"),
    "theme_dark": ("escuro", "dark"),
    # Whether it keeps up.
    "keeps_up": ("acompanha o ritmo pedido", "keeping up with the rate asked"),
    "full_speed": ("o mais rápido possível", "as fast as possible"),
    "late": ("atrasado {}", "{} behind"),
    "paused": ("nenhuma linha vence durante a pausa", "no row falls due while paused"),
    "starting": ("ainda não começou", "has not begun yet"),
    "degraded": ("continua tentando", "keeps trying"),
    "failing": ("a geração mais recente falhou", "the latest generation failed"),
    "finished": ("concluído", "finished"),
    "ending": ("encerrando", "ending"),
    # The numbers that matter.
    "asked": ("pedido", "asked"),
    "acknowledged": ("confirmado", "acknowledged"),
    "behind": ("atraso", "behind"),
    "latency": ("latência", "latency"),
    "rows_per_s": ("linhas/s", "rows/s"),
    "rows": ("linhas", "rows"),
    "full": ("máx.", "max"),
    # The charts.
    "chart_rate": ("Ritmo, linhas/s", "Rate, rows/s"),
    "chart_behind": ("Atraso, linhas", "Behind, rows"),
    "chart_behind_s": ("Atraso, segundos", "Behind, seconds"),
    "chart_latency": ("Latência, ms", "Latency, ms"),
    "chart_span": ("últimos 10 minutos", "last 10 minutes"),
    "no_kafka": ("só em memória, sem confirmações", "memory only, nothing to acknowledge"),
    "no_acks": ("nada medido nos últimos 10 s", "nothing measured in the last 10 s"),
    # All streams of a scenario.
    "streams": ("Streams", "Streams"),
    "state": ("estado", "state"),
    "asked_per_s": ("pedido, linhas/s", "asked, rows/s"),
    "delivered_per_s": ("entregue, linhas/s", "delivered, rows/s"),
    "behind_in_rows": ("atraso, linhas", "behind, rows"),
    "acked_rows": ("confirmadas, linhas", "acknowledged, rows"),
    # Steering.
    "steer": ("Controle", "Control"),
    "pause": ("Pausar", "Pause"),
    "resume": ("Retomar", "Resume"),
    "rate": ("Ritmo (linhas/s)", "Rate (rows/s)"),
    "rate_hint": ("500, 10k, 1.5M ou max", "500, 10k, 1.5M or max"),
    "over": ("Rampa (opcional)", "Ramp (optional)"),
    "over_hint": ("30s, 2m", "30s, 2m"),
    "set": ("Aplicar", "Set"),
    "burst_rows": ("Rajada (linhas)", "Burst (rows)"),
    "burst": ("Disparar", "Burst"),
    "no_steering": (
        "Este stream terminou: não há mais o que controlar.",
        "This stream has ended: there is nothing left to steer.",
    ),
    "no_burst": (
        "Uma rajada tem de 1 a {} linhas, em algarismos.",
        "A burst has 1 to {} rows, in digits.",
    ),
    "token": ("Token da API", "API token"),
    "token_hint": (
        "Controlar o stream pede o GERADOR_API_TOKEN. Ele fica só nesta aba.",
        "Steering asks for GERADOR_API_TOKEN. It stays in this tab only.",
    ),
    "unlock": ("Entrar", "Unlock"),
    "wrong_token": (
        "Esse não é o token de GERADOR_API_TOKEN; nada foi mudado.",
        "That is not the token of GERADOR_API_TOKEN; nothing was changed.",
    ),
    "unlocked": ("Token aceito.", "Token accepted."),
    "did_pause": ("Pausado a partir da linha {}.", "Paused from row {} on."),
    "did_resume": ("Retomado a partir da linha {}.", "Resumed from row {} on."),
    "did_rate": ("Ritmo {} a partir da linha {}.", "Rate {} from row {} on."),
    "did_ramp": (
        "Ritmo {} ao longo de {}, a partir da linha {}.",
        "Rate {} over {}, from row {} on.",
    ),
    "did_burst": (
        "{} linhas de uma vez, a partir da linha {}.",
        "{} rows at once, from row {} on.",
    ),
    # The counters.
    "counters": ("Contadores", "Counters"),
    "sum": (
        "due = acked + failed + unknown + in_flight + behind",
        "due = acked + failed + unknown + in_flight + behind",
    ),
    "due": ("vencidas até agora", "asked for up to now"),
    "made": ("calculadas", "computed"),
    "acked": ("confirmadas pelos brokers", "confirmed by the brokers"),
    "failed": ("não chegaram", "did not arrive"),
    "unknown": ("resultado ainda desconhecido", "outcome not known yet"),
    "in_flight": ("enviadas, à espera", "sent, waiting"),
    "behind_rows": ("vencidas, ainda não enviadas", "due, not sent yet"),
    # The rows and what they are.
    "latest": ("Linhas mais recentes", "Latest rows"),
    "no_rows": ("Ainda não há linhas.", "No rows yet."),
    "about": ("O stream", "The stream"),
    "topic": ("tópico", "topic"),
    "no_topic": ("nenhum (só em memória)", "none (memory only)"),
    "partitions": ("partições", "partitions"),
    "framing": ("enquadramento", "framing"),
    "schema_id": ("id do schema", "schema id"),
    "seed": ("semente", "seed"),
    "start": ("início", "start"),
    "generations": ("gerações", "generations"),
    "schema": ("Schema", "Schema"),
    "field": ("campo", "field"),
    "type": ("tipo", "type"),
    "recipe": ("As mesmas linhas de novo", "The same rows again"),
    "recipe_times": (
        "O ritmo mudou: com este comando, da primeira mudança em diante, os horários diferem.",
        "The pace was changed: by this command, from the first change on, the times differ.",
    ),
    "whole_recipe": (
        "A receita completa, com todas as mudanças de ritmo: um arquivo de cenário",
        "The whole recipe, with every change of pace: a scenario file",
    ),
    "no_recipe": ("Conhecida quando o stream começa.", "Known once the stream begins."),
    "copy": ("Copiar", "Copy"),
    "copied": ("Copiado", "Copied"),
    "addresses": ("Endereços", "Addresses"),
}
"""By key, Portuguese and English; ``{}`` stands for what the page fills in."""

_STATE_TEXTS: Final = {
    State.STARTING: "starting",
    State.PAUSED: "paused",
    State.DEGRADED: "degraded",
    State.ERROR: "failing",
    State.STOPPING: "ending",
    State.FINISHED: "finished",
}


def translate(language: Language, key: str, *filled: str) -> str:
    """Return the text `key` in `language`, with `filled` in its places."""
    return TEXTS[key][LANGUAGES.index(language)].format(*filled)


def state_description(language: Language, state: State) -> str | None:
    """Return what a state other than *ativo* means."""
    key = _STATE_TEXTS.get(state)
    return None if key is None else translate(language, key)


def negotiate_language(accept_language: str, chosen: str | None = None) -> Language:
    """Return the language that was `chosen`, else the best of an Accept-Language header."""
    if chosen in LANGUAGES:
        return chosen
    wishes = [_parse_language_range(part) for part in accept_language.split(",")]
    known = [(quality, tag) for quality, tag in wishes if tag in LANGUAGES and quality > 0]
    return max(known, key=lambda wish: wish[0])[1] if known else DEFAULT_LANGUAGE


def _parse_language_range(part: str) -> tuple[float, str]:
    """Read one entry, ``pt-BR;q=0.8``, as its quality and its primary tag (RFC 9110, 12.5.4)."""
    tag, _, parameter = part.strip().partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        quality = float(value) if name.strip() == "q" else QUALITY_MAX
    except ValueError:
        quality = 0.0
    return quality, tag.strip().lower().partition("-")[0]
