# BeagleBone control boards. Built, and never booted on metal. Sourced by scripts/build-image.

MODULES_GPIO=()
MODULES_STORAGE=(sdhci-omap crc32c_generic ext4 squashfs)
MODULES=(tps65217 i2c-dev omap_wdt pwm-tiehrpwm pwm-tiecap phy-gmii-sel davinci_mdio ti_cpsw smsc vfat nls_cp437
  nls_iso8859-1)
COMMAND_LINE="console=ttyO0,115200n8 rdinit=/init"

# Debian's, without what a BeagleBone has and a control board has not. The clock of its sound takes gpio 59 as an output at 0,
# which is the supply's enable line here by what is known of one board, and switches it on; a clock output lies on a tach
# line, and the pads of its eMMC are those of the NAND. The model stays: which of the maker's boards it is must not be said
# by the card.
board_dtb() {
  local near=/ocp/interconnect@44c00000/segment@200000 far=/ocp/interconnect@48000000/segment
  cp "$(kernel_dtb am335x-boneblack)" "$1"
  fdtput -r "$1" /sound /clk_mcasp0 "$near/target-module@b000/i2c@0/tda19988@70"
  fdtput -t s "$1" "$far@0/target-module@38000/mcasp@0" status disabled
  fdtput -t s "$1" "$far@100000/target-module@d8000/mmc@0" status disabled
  fdtput -d "$1" "$near/target-module@10000/scm@0/pinmux@800" pinctrl-names pinctrl-0
  if dtc -q -I dtb -O dts "$1" | grep -q 'gpio-gate-clock\|"regulator-gpio"'; then
    die "the device tree of the kernel drives lines that nobody has looked at"
  fi
}

# A loader for the processor's ROM, and the same for a U-Boot of the maker that starts first and reads uEnv.txt.
# Addresses are those of U-Boot's am335x_evm.
board_boot() {
  cp "$cache/unpacked/armhf/usr/lib/u-boot/am335x_evm"/{MLO,u-boot.img} "$1/"
  mkdir -p "$1/extlinux"
  cat >"$1/extlinux/extlinux.conf" <<CONF
default headframe
label headframe
  linux /kernel
  initrd /initramfs.cpio.zst
  fdt /board.dtb
  append $COMMAND_LINE
CONF
  cat >"$1/uEnv.txt" <<CONF
bootargs_headframe=$COMMAND_LINE
load_headframe=fatload mmc 0:1 0x82000000 kernel; fatload mmc 0:1 0x88000000 board.dtb; fatload mmc 0:1 0x88080000 initramfs.cpio.zst
uenvcmd=run load_headframe; setenv bootargs \${bootargs_headframe}; bootz 0x82000000 0x88080000:\${filesize} 0x88000000
CONF
}
