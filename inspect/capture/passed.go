package capture

import (
	"cmp"
	"fmt"
	"strconv"
)

// linkName is the name of a link type that is not read, as the list at
// www.tcpdump.org/linktypes.html has it, with the number; the number alone for
// those that are not there or that nobody meets.
func linkName(link uint16) string {
	number := strconv.Itoa(int(link))
	if link >= 147 && link <= 162 {
		return number + " (USER" + strconv.Itoa(int(link)-147) + ", which means what its users agree upon)"
	}
	for _, row := range []struct {
		link uint16
		name string
	}{
		{2, "EXP_ETHERNET"},
		{3, "AX25"},
		{4, "PRONET"},
		{5, "CHAOS"},
		{7, "ARCNET_BSD"},
		{99, "SYMANTEC_FIREWALL"},
		{106, "ATM_CLIP"},
		{107, "FRELAY"},
		{112, "HHDLC"},
		{114, "LTALK"},
		{115, "ECONET"},
		{118, "CISCO_IOS"},
		{120, "AIRONET_HEADER"},
		{121, "HHDLC"},
		{123, "SUNATM"},
		{124, "RIO"},
		{129, "ARCNET_LINUX"},
		{139, "MTP2_WITH_PHDR"},
		{140, "MTP2"},
		{141, "MTP3"},
		{142, "SCCP"},
		{143, "DOCSIS"},
		{144, "LINUX_IRDA"},
		{165, "BACNET_MS_TP"},
		{169, "GPRS_LLC"},
		{170, "GPF_T"},
		{177, "LINUX_LAPD"},
		{182, "MFR"},
		{183, "JUNIPER_VP"},
		{187, "BLUETOOTH_HCI_H4"},
		{189, "USB_LINUX"},
		{190, "CAN20B"},
		{195, "IEEE802_15_4_WITHFCS"},
		{201, "BLUETOOTH_HCI_H4_WITH_PHDR"},
		{202, "AX25_KISS"},
		{203, "LAPD"},
		{205, "C_HDLC_WITH_DIR"},
		{206, "FRELAY_WITH_DIR"},
		{207, "LAPB_WITH_DIR"},
		{209, "IPMB_LINUX"},
		{210, "FLEXRAY"},
		{212, "LIN"},
		{215, "IEEE802_15_4_NONASK_PHY"},
		{220, "USB_LINUX_MMAPPED"},
		{224, "FC_2"},
		{225, "FC_2_WITH_FRAME_DELIMS"},
		{227, "CAN_SOCKETCAN"},
		{230, "IEEE802_15_4_NOFCS"},
		{231, "DBUS"},
		{235, "DVB_CI"},
		{236, "MUX27010"},
		{237, "STANAG_5066_D_PDU"},
		{240, "NETANALYZER"},
		{241, "NETANALYZER_TRANSPARENT"},
		{243, "MPEG_2_TS"},
		{244, "NG40"},
		{245, "NFC_LLCP"},
		{247, "INFINIBAND"},
		{248, "SCTP"},
		{249, "USBPCAP"},
		{250, "RTAC_SERIAL"},
		{251, "BLUETOOTH_LE_LL"},
		{252, "WIRESHARK_UPPER_PDU"},
		{253, "NETLINK"},
		{254, "BLUETOOTH_LINUX_MONITOR"},
		{255, "BLUETOOTH_BREDR_BB"},
		{256, "BLUETOOTH_LE_LL_WITH_PHDR"},
		{257, "PROFIBUS_DL"},
		{259, "EPON"},
		{260, "IPMI_HPM_2"},
		{261, "ZWAVE_R1_R2"},
		{262, "ZWAVE_R3"},
		{263, "WATTSTOPPER_DLM"},
		{264, "ISO_14443"},
		{265, "RDS"},
		{266, "USB_DARWIN"},
		{268, "SDLC"},
		{270, "LORATAP"},
		{271, "VSOCK"},
		{272, "NORDIC_BLE"},
		{273, "DOCSIS31_XRA31"},
		{274, "ETHERNET_MPACKET"},
		{275, "DISPLAYPORT_AUX"},
		{277, "SERCOS_MONITOR"},
		{278, "OPENVIZSLA"},
		{279, "EBHSCR"},
		{280, "VPP_DISPATCH"},
		{283, "IEEE802_15_4_TAP"},
		{286, "ELEE"},
		{287, "Z_WAVE_SERIAL"},
		{288, "USB_2_0"},
		{289, "ATSC_ALP"},
		{290, "ETW"},
		{292, "ZBOSS_NCP"},
		{293, "USB_2_0_LOW_SPEED"},
		{294, "USB_2_0_FULL_SPEED"},
		{295, "USB_2_0_HIGH_SPEED"},
	} {
		if row.link == link {
			return number + " (" + row.name + ")"
		}
	}
	return number
}

func comparePassed(a, b passed) int {
	return cmp.Or(cmp.Compare(a.link, b.link), cmp.Compare(a.why, b.why))
}

// note says in one line that n packets were passed over.
func (p passed) note(n int64) string {
	packets := "1 packet"
	if n != 1 {
		packets = strconv.FormatInt(n, 10) + " packets"
	}
	switch {
	case p.why != "":
		return packets + " passed over: " + p.why
	case p.link == unknownLink:
		return packets + " passed over: of interfaces that are not described"
	}
	return packets + " passed over: link type " + linkName(p.link) + " is not read"
}

// unread is the error of a capture of which no packet could be read, nil for
// any other.
func (r *reader) unread() error {
	n := int64(0)
	last := passed{}
	for why, count := range r.layers.passed {
		n += count
		if last == (passed{}) || comparePassed(why, last) < 0 {
			last = why
		}
	}
	switch {
	case n == 0 || n < r.packets:
		return nil
	case last.why != "":
		return fmt.Errorf("no packet of the capture can be read: they are %s", last.why)
	case last.link == unknownLink:
		return fmt.Errorf("no packet of the capture can be read: their interfaces are not described")
	}
	return fmt.Errorf("no packet of the capture can be read: its link type is %s; TCP is read over Ethernet, 802.11, IP, PPP and what tcpdump writes for all interfaces", linkName(last.link))
}
