"""The records that tests are made of."""

import pytest
from sqlalchemy import func, select

from data.database.engine import write_transaction
from models.records import Client, SideEffect, Treatment
from tests import factories

FACTORIES = {name: made for name, made in vars(factories).items() if isinstance(made, factories.Factory)}


@pytest.mark.parametrize("name", FACTORIES)
def test_a_record_of_each_kind_can_be_made_with_its_parents(sqlite_engine, name):
    with write_transaction(sqlite_engine) as connection:
        assert FACTORIES[name](connection) == 1
        assert connection.scalar(select(func.count()).select_from(FACTORIES[name].record)) == 1


def test_two_side_effects_belong_to_the_same_treatment_unless_it_is_named(sqlite_engine):
    with write_transaction(sqlite_engine) as connection:
        first = factories.treatment(connection)
        factories.side_effect(connection)
        factories.side_effect(connection, term="bruising")
        second = factories.treatment(connection, client_id=factories.client(connection, key="b"))
        factories.side_effect(connection, treatment_id=second)
        assert list(connection.scalars(select(SideEffect.treatment_id))) == [first, first, second]
        assert list(connection.scalars(select(Treatment.source_id))) == ["1", "2"]
        assert connection.scalar(select(func.count()).select_from(Client)) == 2
