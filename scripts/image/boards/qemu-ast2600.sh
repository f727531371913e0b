# QEMU's ast2600-evb: QEMU itself starts the kernel. Sourced by scripts/build-image.

MODULES_GPIO=(gpio-aspeed)
MODULES_STORAGE=(gpio-regulator sdhci-of-aspeed crc32c_generic ext4 squashfs)
MODULES=(i2c-aspeed i2c-dev mdio-aspeed ftgmac100 ehci-platform i2c-tiny-usb vfat nls_cp437 nls_iso8859-1)

# The UARTs of the hashboards, with a clock that makes the chips' rates, and the bus of the supply's adapter. Unused
# network ports hold GPIO lines.
board_dtb() {
  local uart port card=/ahb/apb/sdc@1e740000/sdhci@1e740100
  cp "$(kernel_dtb aspeed-ast2600-evb)" "$1"
  for uart in 1e783000 1e78d000 1e78e000 1e78f000; do
    fdtput -t s "$1" "/ahb/apb/serial@$uart" status okay
    fdtput -t u "$1" "/ahb/apb/serial@$uart" clock-frequency 50000000
  done
  # QEMU's card says the right way round that it may be written to. Its name must not depend on which controller is
  # found first.
  fdtput -d "$1" "$card" sdhci,wp-inverted
  fdtput -t s "$1" /aliases mmc0 "$card"
  fdtput -t s "$1" /ahb/apb/sdc@1e740000/sdhci@1e740200 status disabled
  fdtput -t s "$1" /ahb/apb/sdc@1e750000 status disabled
  fdtput -t s "$1" /ahb/usb@1e6a1000 status okay
  for port in 1e670000 1e680000 1e690000; do fdtput -t s "$1" "/ahb/ftgmac@$port" status disabled; done
}

# What else the boot partition FOLDER has.
board_boot() { :; }
