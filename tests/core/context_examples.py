"""One small repository in each language: a changed function, what it calls, and who calls it."""

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class Example:
    """Files at the head; `changed` is a line of `path` that the change added."""

    language: str
    path: str
    changed: str
    enclosing: str
    definition: tuple[str, str]
    """Path, and a line that only the definition has."""
    caller: tuple[str, str]
    files: dict[str, str]


def _example(
    language: str,
    path: str,
    changed: str,
    enclosing: str,
    definition: tuple[str, str],
    caller: tuple[str, str],
    **files: str,
) -> Example:
    named = {name.replace("__", "/").replace("_dot_", "."): dedent(t) for name, t in files.items()}
    return Example(language, path, changed, enclosing, definition, caller, named)


EXAMPLES = (
    _example(
        "python",
        "shop/pay.py",
        "    return charge_card(order.card, amount)",
        "settle",
        ("shop/gateway.py", "def charge_card(card, amount):"),
        ("shop/checkout.py", "    return settle(order, order.total)"),
        shop__pay_dot_py="""\
        from shop.gateway import charge_card


        def settle(order, amount):
            return charge_card(order.card, amount)
        """,
        shop__gateway_dot_py="""\
        def charge_card(card, amount):
            if amount <= 0:
                raise ValueError(amount)
            return card.debit(amount)
        """,
        shop__checkout_dot_py="""\
        from shop.pay import settle


        def finish(order):
            order.lock()
            return settle(order, order.total)
        """,
    ),
    _example(
        "javascript",
        "src/pay.js",
        "  return chargeCard(order.card, amount);",
        "settle",
        ("src/gateway.js", "const chargeCard = async (card, amount) => {"),
        ("src/checkout.js", "  return settle(order, order.total);"),
        src__pay_dot_js="""\
        const { chargeCard } = require("./gateway");

        function settle(order, amount) {
          return chargeCard(order.card, amount);
        }
        module.exports = { settle };
        """,
        src__gateway_dot_js="""\
        const chargeCard = async (card, amount) => {
          return card.debit(amount);
        };
        module.exports = { chargeCard };
        """,
        src__checkout_dot_js="""\
        const { settle } = require("./pay");

        function finish(order) {
          return settle(order, order.total);
        }
        """,
    ),
    _example(
        "typescript",
        "src/pay.ts",
        "    return this.gateway.chargeCard(order.card, amount);",
        "settle",
        ("src/gateway.ts", "  chargeCard(card: Card, amount: number): Receipt {"),
        ("src/checkout.ts", "  return payments.settle(order, order.total);"),
        src__pay_dot_ts="""\
        import { Gateway } from "./gateway";

        export class Payments {
          constructor(private gateway: Gateway) {}

          settle(order: Order, amount: number): Receipt {
            return this.gateway.chargeCard(order.card, amount);
          }
        }
        """,
        src__gateway_dot_ts="""\
        export class Gateway {
          chargeCard(card: Card, amount: number): Receipt {
            return card.debit(amount);
          }
        }
        """,
        src__checkout_dot_ts="""\
        import { Payments } from "./pay";

        export function finish(payments: Payments, order: Order) {
          return payments.settle(order, order.total);
        }
        """,
    ),
    _example(
        "tsx",
        "src/Cart.tsx",
        "  return <Total amount={sumOf(items)} />;",
        "Cart",
        ("src/sums.ts", "export function sumOf(items: Item[]): number {"),
        ("src/Page.tsx", "  return <Cart items={items} />;"),
        src__Cart_dot_tsx="""\
        import { sumOf } from "./sums";

        export const Cart = ({ items }: Props) => {
          return <Total amount={sumOf(items)} />;
        };
        """,
        src__sums_dot_ts="""\
        export function sumOf(items: Item[]): number {
          return items.reduce((a, b) => a + b.price, 0);
        }
        """,
        src__Page_dot_tsx="""\
        import { Cart } from "./Cart";

        export function Page({ items }: Props) {
          return <Cart items={items} />;
        }
        """,
    ),
    _example(
        "go",
        "pay/settle.go",
        "\treturn chargeCard(order.Card, amount)",
        "Settle",
        ("pay/gateway.go", "func chargeCard(card *Card, amount int) error {"),
        ("shop/checkout.go", "\treturn pay.Settle(order, order.Total)"),
        pay__settle_dot_go="""\
        package pay

        func Settle(order *Order, amount int) error {
        \treturn chargeCard(order.Card, amount)
        }
        """,
        pay__gateway_dot_go="""\
        package pay

        func chargeCard(card *Card, amount int) error {
        \treturn card.Debit(amount)
        }
        """,
        shop__checkout_dot_go="""\
        package shop

        import "example.com/shop/pay"

        func Finish(order *pay.Order) error {
        \treturn pay.Settle(order, order.Total)
        }
        """,
    ),
    _example(
        "java",
        "shop/Payments.java",
        "        return gateway.chargeCard(order.card(), amount);",
        "settle",
        ("shop/Gateway.java", "    Receipt chargeCard(Card card, long amount) {"),
        ("shop/Checkout.java", "        return payments.settle(order, order.total());"),
        shop__Payments_dot_java="""\
        package shop;

        public class Payments {
            private final Gateway gateway = new Gateway();

            public Receipt settle(Order order, long amount) {
                return gateway.chargeCard(order.card(), amount);
            }
        }
        """,
        shop__Gateway_dot_java="""\
        package shop;

        class Gateway {
            Receipt chargeCard(Card card, long amount) {
                return card.debit(amount);
            }
        }
        """,
        shop__Checkout_dot_java="""\
        package shop;

        class Checkout {
            Receipt finish(Payments payments, Order order) {
                return payments.settle(order, order.total());
            }
        }
        """,
    ),
    _example(
        "ruby",
        "lib/pay.rb",
        "    charge_card(order.card, amount)",
        "settle",
        ("lib/gateway.rb", "  def charge_card(card, amount)"),
        ("lib/checkout.rb", "    Pay.new.settle(order, order.total)"),
        lib__pay_dot_rb="""\
        require_relative "gateway"

        class Pay
          include Gateway

          def settle(order, amount)
            charge_card(order.card, amount)
          end
        end
        """,
        lib__gateway_dot_rb="""\
        module Gateway
          def charge_card(card, amount)
            card.debit(amount)
          end
        end
        """,
        lib__checkout_dot_rb="""\
        require_relative "pay"

        class Checkout
          def finish(order)
            Pay.new.settle(order, order.total)
          end
        end
        """,
    ),
    _example(
        "rust",
        "src/pay.rs",
        "    charge_card(&order.card, amount)",
        "settle",
        ("src/gateway.rs", "pub fn charge_card(card: &Card, amount: u64) -> Receipt {"),
        ("src/checkout.rs", "    settle(order, order.total)"),
        src__pay_dot_rs="""\
        use crate::gateway::charge_card;

        pub fn settle(order: &Order, amount: u64) -> Receipt {
            charge_card(&order.card, amount)
        }
        """,
        src__gateway_dot_rs="""\
        pub fn charge_card(card: &Card, amount: u64) -> Receipt {
            card.debit(amount)
        }
        """,
        src__checkout_dot_rs="""\
        use crate::pay::settle;

        pub fn finish(order: &Order) -> Receipt {
            settle(order, order.total)
        }
        """,
    ),
    _example(
        "c",
        "src/pay.c",
        "    return charge_card(order->card, amount);",
        "settle",
        ("src/gateway.c", "int charge_card(struct card *card, long amount)"),
        ("src/checkout.c", "    return settle(order, order->total);"),
        src__pay_dot_c="""\
        #include "gateway.h"

        int settle(struct order *order, long amount)
        {
            return charge_card(order->card, amount);
        }
        """,
        src__gateway_dot_c="""\
        #include "gateway.h"

        int charge_card(struct card *card, long amount)
        {
            return debit(card, amount);
        }
        """,
        src__checkout_dot_c="""\
        #include "pay.h"

        int finish(struct order *order)
        {
            return settle(order, order->total);
        }
        """,
    ),
    _example(
        "cpp",
        "src/pay.cpp",
        "    return gateway_.chargeCard(order.card(), amount);",
        "settle",
        ("src/gateway.cpp", "Receipt Gateway::chargeCard(const Card& card, long amount) {"),
        ("src/checkout.cpp", "    return payments.settle(order, order.total());"),
        src__pay_dot_cpp="""\
        #include "gateway.hpp"

        Receipt Payments::settle(const Order& order, long amount) {
            return gateway_.chargeCard(order.card(), amount);
        }
        """,
        src__gateway_dot_cpp="""\
        #include "gateway.hpp"

        Receipt Gateway::chargeCard(const Card& card, long amount) {
            return card.debit(amount);
        }
        """,
        src__checkout_dot_cpp="""\
        #include "pay.hpp"

        Receipt finish(Payments& payments, const Order& order) {
            return payments.settle(order, order.total());
        }
        """,
    ),
    _example(
        "csharp",
        "Shop/Payments.cs",
        "        return _gateway.ChargeCard(order.Card, amount);",
        "Settle",
        ("Shop/Gateway.cs", "    public Receipt ChargeCard(Card card, long amount)"),
        ("Shop/Checkout.cs", "        return payments.Settle(order, order.Total);"),
        Shop__Payments_dot_cs="""\
        public class Payments
        {
            private readonly Gateway _gateway = new();

            public Receipt Settle(Order order, long amount)
            {
                return _gateway.ChargeCard(order.Card, amount);
            }
        }
        """,
        Shop__Gateway_dot_cs="""\
        public class Gateway
        {
            public Receipt ChargeCard(Card card, long amount)
            {
                return card.Debit(amount);
            }
        }
        """,
        Shop__Checkout_dot_cs="""\
        public class Checkout
        {
            public Receipt Finish(Payments payments, Order order)
            {
                return payments.Settle(order, order.Total);
            }
        }
        """,
    ),
    _example(
        "php",
        "src/Payments.php",
        "        return $this->gateway->chargeCard($order->card, $amount);",
        "settle",
        ("src/Gateway.php", "    public function chargeCard(Card $card, int $amount): Receipt"),
        ("src/Checkout.php", "        return $payments->settle($order, $order->total);"),
        src__Payments_dot_php="""\
        <?php
        class Payments
        {
            public function settle(Order $order, int $amount): Receipt
            {
                return $this->gateway->chargeCard($order->card, $amount);
            }
        }
        """,
        src__Gateway_dot_php="""\
        <?php
        class Gateway
        {
            public function chargeCard(Card $card, int $amount): Receipt
            {
                return $card->debit($amount);
            }
        }
        """,
        src__Checkout_dot_php="""\
        <?php
        class Checkout
        {
            public function finish(Payments $payments, Order $order): Receipt
            {
                return $payments->settle($order, $order->total);
            }
        }
        """,
    ),
    _example(
        "kotlin",
        "shop/Payments.kt",
        "        return gateway.chargeCard(order.card, amount)",
        "settle",
        ("shop/Gateway.kt", "    fun chargeCard(card: Card, amount: Long): Receipt {"),
        ("shop/Checkout.kt", "    return payments.settle(order, order.total)"),
        shop__Payments_dot_kt="""\
        package shop

        class Payments(private val gateway: Gateway) {
            fun settle(order: Order, amount: Long): Receipt {
                return gateway.chargeCard(order.card, amount)
            }
        }
        """,
        shop__Gateway_dot_kt="""\
        package shop

        class Gateway {
            fun chargeCard(card: Card, amount: Long): Receipt {
                return card.debit(amount)
            }
        }
        """,
        shop__Checkout_dot_kt="""\
        package shop

        fun finish(payments: Payments, order: Order): Receipt {
            return payments.settle(order, order.total)
        }
        """,
    ),
    _example(
        "swift",
        "Sources/Payments.swift",
        "        return gateway.chargeCard(order.card, amount)",
        "settle",
        ("Sources/Gateway.swift", "    func chargeCard(_ card: Card, _ amount: Int) -> Receipt {"),
        ("Sources/Checkout.swift", "    return payments.settle(order, order.total)"),
        Sources__Payments_dot_swift="""\
        class Payments {
            func settle(_ order: Order, _ amount: Int) -> Receipt {
                return gateway.chargeCard(order.card, amount)
            }
        }
        """,
        Sources__Gateway_dot_swift="""\
        class Gateway {
            func chargeCard(_ card: Card, _ amount: Int) -> Receipt {
                return card.debit(amount)
            }
        }
        """,
        Sources__Checkout_dot_swift="""\
        func finish(_ payments: Payments, _ order: Order) -> Receipt {
            return payments.settle(order, order.total)
        }
        """,
    ),
    _example(
        "scala",
        "shop/Payments.scala",
        "    gateway.chargeCard(order.card, amount)",
        "settle",
        ("shop/Gateway.scala", "  def chargeCard(card: Card, amount: Long): Receipt = {"),
        ("shop/Checkout.scala", "    payments.settle(order, order.total)"),
        shop__Payments_dot_scala="""\
        package shop

        class Payments(gateway: Gateway) {
          def settle(order: Order, amount: Long): Receipt = {
            gateway.chargeCard(order.card, amount)
          }
        }
        """,
        shop__Gateway_dot_scala="""\
        package shop

        class Gateway {
          def chargeCard(card: Card, amount: Long): Receipt = {
            card.debit(amount)
          }
        }
        """,
        shop__Checkout_dot_scala="""\
        package shop

        object Checkout {
          def finish(payments: Payments, order: Order): Receipt = {
            payments.settle(order, order.total)
          }
        }
        """,
    ),
    _example(
        "bash",
        "bin/pay.sh",
        '  charge_card "$1" "$2"',
        "settle",
        ("bin/gateway.sh", "charge_card() {"),
        ("bin/checkout.sh", '  settle "$card" "$total"'),
        bin__pay_dot_sh="""\
        source bin/gateway.sh

        settle() {
          charge_card "$1" "$2"
        }
        """,
        bin__gateway_dot_sh="""\
        charge_card() {
          debit "$1" "$2"
        }
        """,
        bin__checkout_dot_sh="""\
        source bin/pay.sh

        finish() {
          settle "$card" "$total"
        }
        """,
    ),
    _example(
        "elixir",
        "lib/pay.ex",
        "    Gateway.charge_card(order.card, amount)",
        "settle",
        ("lib/gateway.ex", "  def charge_card(card, amount) do"),
        ("lib/checkout.ex", "    Pay.settle(order, order.total)"),
        lib__pay_dot_ex="""\
        defmodule Pay do
          alias Shop.Gateway

          def settle(order, amount) do
            Gateway.charge_card(order.card, amount)
          end
        end
        """,
        lib__gateway_dot_ex="""\
        defmodule Shop.Gateway do
          def charge_card(card, amount) do
            Card.debit(card, amount)
          end
        end
        """,
        lib__checkout_dot_ex="""\
        defmodule Checkout do
          alias Shop.Pay

          def finish(order) do
            Pay.settle(order, order.total)
          end
        end
        """,
    ),
)
