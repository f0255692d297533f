"""The real tables: INEGI's figures for the Estado de México, rearranged and never altered."""

from collections.abc import Callable

from .chance import rounded
from .places import Locality, localities, municipalities
from .writing import Row


def population() -> list[Row]:
    """People in each municipality, and its share of the state."""
    state = sum(place.population for place in municipalities().values())
    return [
        {
            "cvegeo": place.cvegeo,
            "municipio": place.name,
            "poblacion_total": place.population,
            "porcentaje_del_estado": rounded(100 * place.population / state, 3),
        }
        for place in municipalities().values()
    ]


def sexes() -> list[Row]:
    """People in each municipality by sex, one row for each."""
    return [
        {"cvegeo": place.cvegeo, "municipio": place.name, "sexo": sex, "poblacion": people}
        for place in municipalities().values()
        for sex, people in (("Mujeres", place.women), ("Hombres", place.men))
    ]


def women_per_men() -> list[Row]:
    """Women for each hundred men in each municipality."""
    return [
        {
            "cvegeo": place.cvegeo,
            "municipio": place.name,
            "poblacion_femenina": place.women,
            "poblacion_masculina": place.men,
            "mujeres_por_cada_100_hombres": rounded(100 * place.women / place.men, 1),
        }
        for place in municipalities().values()
    ]


def dwellings() -> list[Row]:
    """Inhabited dwellings in each municipality, and people for each."""
    return [
        {
            "cvegeo": place.cvegeo,
            "municipio": place.name,
            "viviendas_habitadas": place.dwellings,
            "poblacion_total": place.population,
            "habitantes_por_vivienda": rounded(place.population / place.dwellings, 2),
        }
        for place in municipalities().values()
    ]


def keys() -> list[Row]:
    """INEGI's key, name and seat of each municipality."""
    return [
        {
            "cvegeo": place.cvegeo,
            "cve_ent": place.cvegeo[:2],
            "cve_mun": place.cvegeo[2:],
            "municipio": place.name,
            "cabecera": place.seat,
        }
        for place in municipalities().values()
    ]


def _locality(place: Locality) -> Row:
    return {
        "cvegeo_localidad": place.cvegeo,
        "localidad": place.name,
        "cvegeo": place.municipality.cvegeo,
        "municipio": place.municipality.name,
        "ambito": "Urbano" if place.urban else "Rural",
        "latitud": place.latitude,
        "longitud": place.longitude,
        "altitud_m": place.altitude,
        "poblacion_total": place.population,
        "viviendas_habitadas": place.dwellings,
    }


def all_localities() -> list[Row]:
    """Every locality of 1,000 inhabitants and more."""
    return [_locality(place) for place in localities()]


def seats() -> list[Row]:
    """The municipal seats (locality 0001) of 1,000 inhabitants and more, under their accented names."""
    return [
        _locality(place) | {"localidad": place.municipality.seat}
        for place in localities()
        if place.cvegeo.endswith("0001")
    ]


def localities_by_scope() -> list[Row]:
    """Number, people and dwellings of each municipality's localities, urban and rural apart."""
    rows: dict[tuple[str, bool], Row] = {}
    for place in localities():
        row = rows.setdefault(
            (place.municipality.cvegeo, not place.urban),
            {
                "cvegeo": place.municipality.cvegeo,
                "municipio": place.municipality.name,
                "ambito": "Urbano" if place.urban else "Rural",
                "localidades": 0,
                "poblacion_total": 0,
                "viviendas_habitadas": 0,
            },
        )
        for column, more in (("localidades", 1), ("poblacion_total", place.population), ("viviendas_habitadas", place.dwellings)):
            row[column] = int(row[column]) + more
    return [rows[scope] for scope in sorted(rows)]


TABLES: dict[str, Callable[[], list[Row]]] = {
    "population": population,
    "sexes": sexes,
    "women_per_men": women_per_men,
    "dwellings": dwellings,
    "keys": keys,
    "seats": seats,
    "localities_by_scope": localities_by_scope,
    "localities": all_localities,
}
